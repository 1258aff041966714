import {
  channelsOf,
  checkPixels,
  DamagedPicture,
  type Decoding,
  type Picture,
  withChannels,
} from './picture.ts'
import { formatOf } from './signature.ts'

/** What is used of a browser; the compiler's library here is that of Node. */
interface Platform {
  createImageBitmap(
    file: Blob,
    options: { imageOrientation: string; premultiplyAlpha: string; colorSpaceConversion: string },
  ): Promise<{ readonly width: number; readonly height: number; close(): void }>
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(
      kind: '2d',
      options: { willReadFrequently: boolean },
    ): {
      drawImage(picture: unknown, x: number, y: number): void
      getImageData(
        x: number,
        y: number,
        width: number,
        height: number,
      ): { readonly data: { readonly buffer: ArrayBuffer } }
    } | null
  }
}

/**
 * A picture by the browser's own decoder, without colour profiles. TIFF is read by Safari alone.
 *
 * @throws DamagedPicture for what the browser cannot read or is larger than allowed.
 */
export async function decodeInBrowser(source: Uint8Array | string, decoding: Decoding): Promise<Picture> {
  if (typeof source === 'string')
    throw new DamagedPicture({ expected: 'a File or its bytes', received: `the path '${source}'` })
  const format = formatOf(source)
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as Platform
  const file = new Blob([source as Uint8Array<ArrayBuffer>])
  const bitmap = await createImageBitmap(file, {
    imageOrientation: decoding.autoOrient ? 'from-image' : 'none',
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  }).catch((cause: Error) => {
    throw new DamagedPicture(
      { expected: `a whole ${format} that this browser reads`, received: cause.message },
      { cause },
    )
  })
  try {
    const { width, height } = bitmap
    checkPixels(width, height, decoding.maxPixels)
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    if (context === null)
      throw new DamagedPicture({ expected: 'a canvas of that size', received: `${width} × ${height}` })
    context.drawImage(bitmap, 0, 0)
    const pixels = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer)
    const channels = channelsOf[decoding.colorMode]
    return { width, height, channels, data: withChannels(pixels, width * height, 4, channels) }
  } finally {
    bitmap.close()
  }
}
