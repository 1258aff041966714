import { type Tensor, tensor } from 'typegrad'
import { FormatError } from 'typegrad/core'
import type { FileKind } from '../labelled/file-dataset.ts'
import type { FoundFile } from '../labelled/labelled-files.ts'
import { readBytes } from '../labelled/read-bytes.ts'
import { type Damage, DamagedPicture, type FloatPicture, type Picture } from './picture.ts'
import { decodingOf, type PictureOptions, type ReadImageOptions, resizingOf } from './picture-options.ts'
import { type PictureAnswer, type PictureTask, pictureOf } from './picture-task.ts'

const isNode = (): boolean => typeof globalThis.process?.versions?.node === 'string'

const damagedFile = (path: string, { expected, received, fix }: Damage): FormatError =>
  new FormatError({ where: path, expected, received, ...(fix !== undefined && { fix }) })

/** Makes pictures of tasks, on this thread or others. */
export interface PictureMaker {
  readonly make: (task: PictureTask) => Promise<PictureAnswer>
  /** Tasks that are worth being under way at a time. */
  readonly parallel: number
}

async function makerOf(workers: number | undefined): Promise<PictureMaker> {
  if (!isNode()) {
    const { decodeInBrowser } = await import('./decode.web.ts')
    return { make: (task) => pictureOf(task, decodeInBrowser), parallel: 4 }
  }
  const { defaultThreads, picturePool } = await import('./picture-pool.node.ts')
  const threads = workers ?? defaultThreads()
  if (threads === 0) {
    const { decodeSource } = await import('./decode-source.node.ts')
    return { make: (task) => pictureOf(task, decodeSource), parallel: defaultThreads() }
  }
  const pool = picturePool(threads)
  // One for each thread waits, so that none does.
  return { make: (task) => pool.run(task), parallel: 2 * threads }
}

const sourceOf = async (file: FoundFile): Promise<Uint8Array | string> =>
  file.open === undefined ? file.path : readBytes(file)

/** The URL by which another thread finds a module that was named by its path or URL. */
async function moduleUrl(augment: string | URL): Promise<string> {
  if (augment instanceof URL) return augment.href
  if (/^[a-z]+:\/\//i.test(augment) || !isNode()) return augment
  return (await import('./module-url.node.ts')).urlOfPath(augment)
}

/** Batches of pictures, (batch, height, width, channels) in float32 from 0 to 255. */
export async function pictureKinds(
  where: string,
  options: PictureOptions,
): Promise<(isTraining: boolean) => FileKind<FloatPicture, Tensor>> {
  const resizing = resizingOf(where, options)
  const decoding = decodingOf(options)
  const { seed = 0, augment } = options
  const module = augment === undefined ? undefined : await moduleUrl(augment)
  const { make, parallel } = await makerOf(options.workers)
  return (isTraining) => ({
    parallel,
    isRandom: module !== undefined && isTraining,
    async load(file, { index, position, turn }) {
      const source = await sourceOf(file)
      const changes =
        module !== undefined && isTraining ? { augment: { module, keys: [seed, index, position, turn] } } : {}
      const answer = await make({ source, decoding, resizing, ...changes })
      if (answer.kind === 'damaged') throw damagedFile(file.path, answer.damage)
      return answer.picture
    },
    batch: (pictures) => {
      const { height, width, channels } = pictures[0] as FloatPicture
      const size = height * width * channels
      const data = new Float32Array(pictures.length * size)
      for (const [i, picture] of pictures.entries()) data.set(picture.data, i * size)
      return tensor(data).reshape([pictures.length, height, width, channels])
    },
    single: ({ data, height, width, channels }) => tensor(data).reshape([height, width, channels]),
    isDamage: (error) => error instanceof FormatError,
  })
}

/** A picture of a file as it is, without another size. @throws FormatError naming the file. */
export async function pictureOfFile(file: FoundFile, options: ReadImageOptions): Promise<Picture> {
  const decode = isNode()
    ? (await import('./decode-source.node.ts')).decodeSource
    : (await import('./decode.web.ts')).decodeInBrowser
  try {
    return await decode(await sourceOf(file), decodingOf(options))
  } catch (error) {
    throw error instanceof DamagedPicture ? damagedFile(file.path, error.damage) : error
  }
}
