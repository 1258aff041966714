import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type ReadingOptions, readingChecks } from '../labelled/options.ts'
import type { ColorMode, Decoding } from './picture.ts'
import type { Fit, Interpolation, Resizing } from './resize-picture.ts'

/** What one picture is read by. */
export interface ReadImageOptions {
  /** Grey (1 channel), colours (3), or these and opacity (4). Default `'rgb'`. */
  readonly colorMode?: ColorMode
  /** Whether the picture is turned as its EXIF orientation says. Keras does not. Default true. */
  readonly autoOrient?: boolean
  /** Pixels that a picture may have: more are refused before they are decoded. Default 89,478,485, a quarter of a GiB of colours. */
  readonly maxPixels?: number
}

/** What pictures of a data set are made by. */
export interface PictureOptions extends ReadImageOptions, ReadingOptions {
  /** Height and width that all come to, in pixels; one number is a square's side. Default `[256, 256]`. */
  readonly imageSize?: number | readonly [height: number, width: number]
  /** How values between pixels are found, as TensorFlow's `tf.image.resize` does it, without antialiasing. Default `'bilinear'`. */
  readonly interpolation?: Interpolation
  /** Whether the largest window of the new shape is cut from the middle, instead of stretching. Default false. */
  readonly cropToAspectRatio?: boolean
  /** Whether black edges keep the shape, instead of stretching. Default false. */
  readonly padToAspectRatio?: boolean
  /**
   * A module whose default export changes each picture that is trained on, where it is decoded: `(picture, random) => picture`
   * over `{ data, height, width, channels }` with numbers from 0 to 255. Pictures for validation stay. Default: none.
   */
  readonly augment?: string | URL
  /**
   * Threads that decode, resize and change pictures; 0 for none beside sharp's own. Default one for each processor, at most one
   * less than libuv has (`UV_THREADPOOL_SIZE`, 4 without a word). Browsers have none.
   */
  readonly workers?: number
}

export const readImageChecks = optionsOf<ReadImageOptions>()({
  colorMode: checks.oneOf('rgb', 'grayscale', 'rgba'),
  autoOrient: checks.boolean,
  maxPixels: checks.count,
})

export const pictureChecks = optionsOf<PictureOptions>()({
  imageSize: checks.anything,
  interpolation: checks.oneOf(
    'bilinear',
    'nearest',
    'bicubic',
    'area',
    'lanczos3',
    'lanczos5',
    'gaussian',
    'mitchellcubic',
  ),
  cropToAspectRatio: checks.boolean,
  padToAspectRatio: checks.boolean,
  augment: checks.anything,
  workers: checks.wholeFrom(0),
  ...readImageChecks,
  ...readingChecks,
})

export function decodingOf({
  colorMode = 'rgb',
  autoOrient = true,
  maxPixels = 89_478_485,
}: ReadImageOptions): Decoding {
  return { colorMode, autoOrient, maxPixels }
}

const fitOf = (crop: boolean, pad: boolean): Fit => (crop ? 'crop' : pad ? 'pad' : 'stretch')

/** @throws ArgumentError for sizes that are none, and for cutting and padding at once. */
export function resizingOf(where: string, options: PictureOptions): Resizing {
  const { imageSize = [256, 256], interpolation = 'bilinear' } = options
  const { cropToAspectRatio = false, padToAspectRatio = false, augment } = options
  const size: readonly unknown[] = typeof imageSize === 'number' ? [imageSize, imageSize] : imageSize
  const isSide = (side: unknown): boolean => Number.isInteger(side) && (side as number) > 0
  if (!Array.isArray(size) || size.length !== 2 || !size.every(isSide))
    throw new ArgumentError({
      where: `${where}: imageSize`,
      expected: 'a positive whole number, or two of them: [height, width]',
      received: JSON.stringify(imageSize),
    })
  if (cropToAspectRatio && padToAspectRatio)
    throw new ArgumentError({
      where,
      expected: 'one of cropToAspectRatio and padToAspectRatio',
      received: 'both',
    })
  if (augment !== undefined && typeof augment !== 'string' && !(augment instanceof URL))
    throw new ArgumentError({
      where: `${where}: augment`,
      expected: 'the path or URL of a module, which other threads can load',
      received: typeof augment,
      fix: "Put the function into a file as its default export: augment: new URL('./augment.js', import.meta.url).",
    })
  const [height, width] = size as [number, number]
  return { height, width, interpolation, fit: fitOf(cropToAspectRatio, padToAspectRatio) }
}
