import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, paced, type Work } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { centerCrop, checkPicture, type Picture, toRgb } from './picture.ts'
import { type Resampling, resamplings, resizePicture } from './resize.ts'

interface Size {
  readonly height: number
  readonly width: number
}

/** What becomes of a picture's size: a given one, or one whose shorter edge is given. */
type TargetSize = Size | { readonly shortestEdge: number }

/** What configurations leave out, by `image_processor_type`. */
interface Defaults {
  readonly resample: Resampling
  readonly size: TargetSize
  /** Whether a size of one number is a square's; else it is the shorter edge's. */
  readonly isSquare: boolean
  readonly crop: Size | undefined
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

const square = (side: number): Size => ({ height: side, width: side })

const likeCLIP: Defaults = {
  resample: 'bicubic',
  size: { shortestEdge: 224 },
  isSquare: false,
  crop: square(224),
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

const kinds: Readonly<Record<string, Defaults>> = {
  ViT: {
    resample: 'bilinear',
    size: square(224),
    isSquare: true,
    crop: undefined,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  },
  CLIP: likeCLIP,
  // That of DINOv2.
  Bit: likeCLIP,
}

/** `ViT` of `ViTImageProcessor`, `ViTFeatureExtractor` and `ViTImageProcessorFast`. */
const kindOf = (type: string): string => type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '')

/** Whether a configuration's type is that of an {@link ImageProcessor}. */
export const isImageProcessor = (type: string): boolean => kindOf(type) in kinds

function sizeOf(
  config: ConfigReader,
  name: string,
  isSquare: boolean,
  fallback?: TargetSize,
): TargetSize | undefined {
  const value = config.raw[name]
  if (value === undefined || value === null) return fallback
  if (typeof value === 'number') {
    const side = config.count(name)
    return isSquare ? square(side) : { shortestEdge: side }
  }
  const within = config.within(name) as ConfigReader
  const isShortest = within.raw.shortest_edge !== undefined
  // Others scale until the longer edge fits.
  within.refuse('longest_edge', 'null', () => true)
  if (isShortest) return { shortestEdge: within.count('shortest_edge') }
  return { height: within.count('height'), width: within.count('width') }
}

function channelValues(config: ConfigReader, name: string, fallback: readonly number[]): readonly number[] {
  if (typeof config.raw[name] === 'number') return new Array<number>(3).fill(config.number(name))
  const values = config.numbers(name, fallback)
  config.refuse(name, 'a number for each of three channels', () => values.length !== 3)
  return values
}

/** What {@link ImageProcessor} gives. */
export interface ProcessedPictures {
  /** (batch, 3, height, width) */
  readonly pixel_values: Tensor
}

/**
 * Pictures → `pixel_values` as a `preprocessor_config.json` says: resized as Pillow does, the middle cut out, scaled and
 * normalized. Grey becomes three channels, and what is transparent is put on white.
 *
 * Its numbers are those of Hugging Face's processors of ViT, CLIP and DINOv2 (`ViTImageProcessor`, `CLIPImageProcessor`,
 * `BitImageProcessor`) with Pillow, bytes being equal and the rest to 1e-6.
 *
 * @example
 * const processor = new ImageProcessor({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 32 } })
 * const picture = { data: new Uint8Array(20 * 10 * 3), width: 20, height: 10, channels: 3 } as const
 * const { pixel_values } = await processor.process(picture) // (1, 3, 32, 32)
 */
export class ImageProcessor {
  readonly #resizes: boolean
  readonly #size: TargetSize
  readonly #resample: Resampling
  readonly #crop: Size | undefined
  /** Bytes → numbers, for each channel: byte · factor + offset. */
  readonly #scale: readonly { readonly factor: number; readonly offset: number }[]

  /**
   * @param config `preprocessor_config.json`.
   * @throws ArgumentError for a type that is not known and for what is not done, such as padding; FormatError for entries
   * that are none.
   */
  constructor(config: RawConfig) {
    const reader = new ConfigReader(config, 'preprocessor_config.json')
    const type = reader.string(['image_processor_type', 'feature_extractor_type'])
    const defaults = kinds[kindOf(type)]
    if (defaults === undefined) {
      throw new ArgumentError({
        where: 'preprocessor_config.json: image_processor_type',
        expected: Object.keys(kinds)
          .map((kind) => `'${kind}ImageProcessor'`)
          .join(', '),
        received: `'${type}'`,
      })
    }
    reader.refuse('do_pad', 'false', (value) => value === true)
    const { isSquare } = defaults
    this.#resizes = reader.boolean('do_resize', true)
    this.#size = sizeOf(reader, 'size', isSquare, defaults.size) as TargetSize
    const resample = reader.number('resample', resamplings.indexOf(defaults.resample))
    reader.refuse(
      'resample',
      `a whole number below ${resamplings.length}`,
      () => resamplings[resample] === undefined,
    )
    this.#resample = resamplings[resample] as Resampling
    const crops = reader.boolean('do_center_crop', defaults.crop !== undefined)
    this.#crop = crops ? (sizeOf(reader, 'crop_size', true, defaults.crop ?? square(224)) as Size) : undefined
    const rescale = reader.boolean('do_rescale', true) ? reader.number('rescale_factor', 1 / 255) : 1
    const normalizes = reader.boolean('do_normalize', true)
    const mean = normalizes ? channelValues(reader, 'image_mean', defaults.mean) : [0, 0, 0]
    const std = normalizes ? channelValues(reader, 'image_std', defaults.std) : [1, 1, 1]
    this.#scale = mean.map((value, i) => ({
      factor: rescale / (std[i] as number),
      offset: -value / (std[i] as number),
    }))
  }

  /**
   * @param pictures one or several, which need one size where nothing brings them to one.
   * @throws ArgumentError for what is no picture, and for pictures that end in different sizes.
   */
  async process(pictures: Picture | readonly Picture[]): Promise<ProcessedPictures> {
    const all = 'data' in pictures ? [pictures] : pictures
    for (const [i, picture] of all.entries()) checkPicture(`pictures[${i}]`, picture)
    const sized = await paced(this.#sized(all))
    const [first] = sized
    const odd = sized.findIndex(({ width, height }) => width !== first?.width || height !== first.height)
    if (first === undefined || odd !== -1) {
      const sizes = sized.map(({ width, height }) => `${width} × ${height}`)
      throw new ArgumentError({
        where: 'ImageProcessor',
        expected: 'pictures that end in one size',
        received:
          first === undefined ? 'none' : `${sizes[0]} for the first and ${sizes[odd]} for pictures[${odd}]`,
        fix: 'Process pictures of different shapes one by one, or with do_center_crop: true.',
      })
    }
    const { width, height } = first
    const area = width * height
    const values = new Float32Array(sized.length * 3 * area)
    for (const [i, { data }] of sized.entries()) {
      for (const [channel, { factor, offset }] of this.#scale.entries()) {
        const plane = values.subarray((i * 3 + channel) * area, (i * 3 + channel + 1) * area)
        for (let pixel = 0; pixel < area; pixel++)
          plane[pixel] = (data[pixel * 3 + channel] as number) * factor + offset
      }
    }
    return { pixel_values: tensor(values).reshape([sized.length, 3, height, width]) }
  }

  *#sized(pictures: readonly Picture[]): Work<readonly Picture[]> {
    const sized: Picture[] = []
    for (const picture of pictures) {
      const rgb = toRgb(picture)
      const resized = this.#resizes ? resizePicture(rgb, this.#sizeFor(rgb), this.#resample) : rgb
      sized.push(this.#crop === undefined ? resized : centerCrop(resized, this.#crop))
      yield
    }
    return sized
  }

  #sizeFor({ width, height }: Picture): Size {
    const size = this.#size
    if (!('shortestEdge' in size)) return size
    const long = Math.trunc((size.shortestEdge * Math.max(width, height)) / Math.min(width, height))
    return width <= height
      ? { height: long, width: size.shortestEdge }
      : { height: size.shortestEdge, width: long }
  }
}
