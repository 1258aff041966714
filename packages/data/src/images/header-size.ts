import type { PictureFormat } from './signature.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** Segments of a JPEG that begin a frame, and so say its size: SOF0 to SOF15 (ITU-T T.81, B.1.1.3). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Segments are a marker's two bytes, a length that counts itself, and what they hold; between them may lie bytes of 0xff. */
function jpegSize(view: DataView): Size | undefined {
  let at = 2
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    if (isFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** The three kinds of RFC 9649: lossy, lossless, and extended, whose header holds one less than each side. */
function webpSize(view: DataView): Size | undefined {
  const kind = view.getUint32(12)
  if (kind === 0x56503820)
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (kind !== 0x56503858) return undefined
  return { width: (view.getUint32(23, true) >>> 8) + 1, height: (view.getUint32(26, true) >>> 8) + 1 }
}

/** Of two bytes a side in the first header that Windows had; a negative height says that rows begin at the top. */
const bmpSize = (view: DataView): Size =>
  view.getUint32(14, true) === 12
    ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
    : { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) }

const readers: Readonly<Record<PictureFormat, (view: DataView) => Size | undefined>> = {
  JPEG: jpegSize,
  PNG: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  WebP: webpSize,
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  // Size and offset of a TIFF's picture lie anywhere in it.
  TIFF: () => undefined,
  BMP: bmpSize,
}

/** What a file says of its picture's size, before anything is decoded; undefined where it does not, or is too short to. */
export function headerSize(format: PictureFormat, bytes: Uint8Array): Size | undefined {
  try {
    return readers[format](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
