import { type Damage, DamagedPicture, type Decoding, type FloatPicture, type Picture } from './picture.ts'
import { randomOf } from './random.ts'
import { type Resizing, resizePicture } from './resize-picture.ts'

/** What is done to a resized picture on its way into a batch: the default export of a module. Its size stays. */
export type Augment = (
  picture: FloatPicture,
  /** Numbers from 0 to below 1: a function of the seed, the file and the place in the reading. */
  random: () => number,
) => FloatPicture | Promise<FloatPicture>

/** A module that changes pictures, and what its random numbers follow from. */
export interface AugmentTask {
  /** The URL of the module. */
  readonly module: string
  readonly keys: readonly number[]
}

/** A picture to be made for a batch. It goes to another thread, so it is plain data. */
export interface PictureTask {
  /** The file, or its path. */
  readonly source: Uint8Array | string
  readonly decoding: Decoding
  readonly resizing: Resizing
  readonly augment?: AugmentTask
}

/** What became of a task; a damaged file is no error of a thread. */
export type PictureAnswer =
  | { readonly kind: 'picture'; readonly picture: FloatPicture }
  | { readonly kind: 'damaged'; readonly damage: Damage }

/** How bytes become pixels: by sharp in Node, by the platform in a browser. */
export type Decoder = (source: Uint8Array | string, decoding: Decoding) => Promise<Picture>

const loaded = new Map<string, Augment>()

/** The function of a module: asked for once, since loaders of modules take their time for each import. */
async function functionOf(module: string): Promise<Augment> {
  const known = loaded.get(module)
  if (known !== undefined) return known
  const { default: augment } = (await import(/* @vite-ignore */ module)) as { readonly default?: Augment }
  if (typeof augment !== 'function') throw new TypeError(`${module} has no function as its default export`)
  loaded.set(module, augment)
  return augment
}

const changed = async ({ module, keys }: AugmentTask, picture: FloatPicture): Promise<FloatPicture> => {
  const augment = await functionOf(module)
  const { height, width, channels } = picture
  const result = await augment(picture, randomOf(keys))
  const isWhole =
    result?.data instanceof Float32Array &&
    result.data.length === height * width * channels &&
    result.height === height &&
    result.width === width
  if (isWhole) return result
  throw new TypeError(
    `the function of ${module} is to give a picture { data, height, width, channels } of ${height} × ${width} × ${channels}`,
  )
}

/** Decodes, resizes and changes one picture. */
export async function pictureOf(task: PictureTask, decode: Decoder): Promise<PictureAnswer> {
  try {
    const resized = resizePicture(await decode(task.source, task.decoding), task.resizing)
    const picture = task.augment === undefined ? resized : await changed(task.augment, resized)
    return { kind: 'picture', picture }
  } catch (error) {
    if (error instanceof DamagedPicture) return { kind: 'damaged', damage: error.damage }
    throw error
  }
}
