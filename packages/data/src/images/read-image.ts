import { checkOptions } from 'typegrad/core'
import type { Picture } from './picture.ts'
import { type ReadImageOptions, readImageChecks } from './picture-options.ts'
import { pictureOfFile } from './picture-reader.ts'

/**
 * One picture as bytes of pixels: JPEG, PNG, WebP, GIF (its first picture), TIFF and BMP. In Node what Pillow reads, byte for byte
 * (but for pictures in inks); in a browser what its own decoder gives.
 *
 * @param file a path (in Node), a `File` or `Blob`, or bytes.
 * @returns `{ data, width, height, channels }`, data being (height, width, channels), which `ImageProcessor` of
 * `@typegrad/transformers` takes too.
 * @throws ArgumentError for options that are none; FormatError, by the file's name, for what is no picture, is cut or damaged, or
 * has more than `maxPixels`.
 * @example
 * const { data, width, height } = await readImage('cats/1.jpg')
 */
export async function readImage(
  file: string | Blob | Uint8Array,
  options: ReadImageOptions = {},
): Promise<Picture> {
  checkOptions('readImage', options, readImageChecks)
  if (typeof file === 'string') return pictureOfFile({ path: file }, options)
  const path = (file as { readonly name?: unknown }).name
  const blob = file instanceof Blob ? file : new Blob([file as Uint8Array<ArrayBuffer>])
  return pictureOfFile(
    { path: typeof path === 'string' ? path : 'a picture', open: async () => blob },
    options,
  )
}
