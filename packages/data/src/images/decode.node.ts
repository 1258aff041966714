import type { Sharp, SharpOptions } from 'sharp'
import { decodeBmp } from './bmp.ts'
import {
  channelsOf,
  checkPixels,
  DamagedPicture,
  type Decoding,
  type Picture,
  withChannels,
} from './picture.ts'
import { formatOf } from './signature.ts'

type SharpModule = (input: Uint8Array, options?: SharpOptions) => Sharp

let loaded: Promise<SharpModule> | undefined

/** Sharp, once; pictures are many, so that each has one thread and none is kept. */
function sharpModule(): Promise<SharpModule> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.concurrency(1)
    sharp.cache(false)
    return sharp
  })
  return loaded
}

/**
 * The first picture of a file: JPEG, PNG, WebP, GIF and TIFF by sharp (libvips), BMP by our own reader. Of more than 8 bits for
 * a channel the upper 8 are kept. An embedded colour profile is not applied, as in Pillow and TensorFlow; what is transparent
 * keeps its colour.
 *
 * @throws DamagedPicture for what is no picture, is cut or damaged, or has too many pixels.
 */
export async function decodePicture(bytes: Uint8Array, decoding: Decoding): Promise<Picture> {
  const { colorMode, autoOrient, maxPixels } = decoding
  const format = formatOf(bytes)
  const channels = channelsOf[colorMode]
  if (format === 'BMP') {
    const picture = decodeBmp(bytes, maxPixels)
    return {
      ...picture,
      channels,
      data: withChannels(picture.data, picture.width * picture.height, 3, channels),
    }
  }
  const sharp = await sharpModule()
  try {
    const { data, info } = await sharp(bytes, {
      autoOrient,
      failOn: 'warning',
      ignoreIcc: true,
      limitInputPixels: maxPixels,
    })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height } = info
    return {
      width,
      height,
      channels,
      data: withChannels(data, width * height, info.channels as 3 | 4, channels),
    }
  } catch (error) {
    // What the file says of its size may be the reason; a file that is damaged may say nothing.
    const told = await sharp(bytes, { limitInputPixels: false })
      .metadata()
      .catch(() => undefined)
    if (told !== undefined) checkPixels(told.width, told.height, maxPixels)
    throw new DamagedPicture(
      { expected: `a whole ${format}`, received: `a damaged one (${(error as Error).message.trim()})` },
      { cause: error },
    )
  }
}
