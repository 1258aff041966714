import { exifOrientation } from './exif.ts'
import { headerSize } from './header-size.ts'
import {
  channelsOf,
  checkPixels,
  DamagedPicture,
  type Decoding,
  type Picture,
  withChannels,
} from './picture.ts'
import { formatOf } from './signature.ts'
import { straightColours } from './straight-colours.web.ts'
import { turned } from './turned.ts'

/** What is used of a browser; the compiler's library here is that of Node. */
interface Platform {
  createImageBitmap(
    file: Blob,
    options: { premultiplyAlpha: string; colorSpaceConversion: string },
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

/** Whether something of a picture (pixels, 4) is transparent. */
function hasOpacity(pixels: Uint8Array): boolean {
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 255) return true
  return false
}

/**
 * A picture by the browser's own decoder, without colour profiles; what is transparent keeps its colour, where the browser has
 * WebGL. TIFF is read by Safari alone.
 *
 * @throws DamagedPicture for what the browser cannot read or is larger than allowed.
 */
export async function decodeInBrowser(source: Uint8Array | string, decoding: Decoding): Promise<Picture> {
  if (typeof source === 'string')
    throw new DamagedPicture({ expected: 'a File or its bytes', received: `the path '${source}'` })
  const format = formatOf(source)
  // A browser decodes what it is given, whatever its size.
  const told = headerSize(format, source)
  if (told !== undefined) checkPixels(told.width, told.height, decoding.maxPixels)
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as Platform
  const { orientation, bytes } = exifOrientation(format, source)
  const file = new Blob([bytes as Uint8Array<ArrayBuffer>])
  const bitmap = await createImageBitmap(file, {
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  }).catch((cause: Error) => {
    throw new DamagedPicture(
      { expected: `a whole ${format} that this browser reads`, received: cause.message.replace(/\.$/, '') },
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
    const drawn = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer)
    const data = (hasOpacity(drawn) && straightColours(bitmap)) || drawn
    const seen = turned({ data, width, height }, decoding.autoOrient ? orientation : 1)
    const channels = channelsOf[decoding.colorMode]
    return { ...seen, channels, data: withChannels(seen.data, width * height, 4, channels) }
  } finally {
    bitmap.close()
  }
}
