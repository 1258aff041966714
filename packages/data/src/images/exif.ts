import type { PictureFormat } from './signature.ts'

/** Where a file has EXIF, and what the file is without. */
interface Block {
  readonly start: number
  readonly end: number
  readonly without: () => Uint8Array
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const isNamed = (bytes: Uint8Array, at: number, name: string): boolean =>
  [...name].every((letter, i) => bytes[at + i] === letter.charCodeAt(0))

/** A copy in which a name has become one that no decoder knows. */
function renamed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy.fill(0x78, at, at + 4)
  return copy
}

/** A segment is a marker's two bytes, a length that counts itself, and what it holds: EXIF in APP1, before the first scan. */
function inJpeg(bytes: Uint8Array): Block | undefined {
  const view = viewOf(bytes)
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const end = bytes[at + 1] === 0xff ? at + 1 : at + 2 + view.getUint16(at + 2)
    if (bytes[at + 1] === 0xe1 && isNamed(bytes, at + 4, 'Exif'))
      return { start: at + 4, end, without: () => renamed(bytes, at + 4) }
    at = end
  }
  return undefined
}

/** A chunk is a name, a length, and what it holds, filled up to a whole number of pairs of bytes (RFC 9649). */
function inWebp(bytes: Uint8Array): Block | undefined {
  const view = viewOf(bytes)
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true)
    const end = at + 8 + length
    if (isNamed(bytes, at, 'EXIF')) return { start: at + 8, end, without: () => renamed(bytes, at) }
    at = end + (length % 2)
  }
  return undefined
}

/** A chunk is a length, a name, what it holds, and a sum of these two, so that it is cut out as a whole. */
function inPng(bytes: Uint8Array): Block | undefined {
  const view = viewOf(bytes)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const start = at + 8
    const end = start + view.getUint32(at)
    if (isNamed(bytes, at + 4, 'eXIf')) {
      const without = (): Uint8Array => {
        const rest = bytes.subarray(end + 4)
        const left = new Uint8Array(at + rest.length)
        left.set(bytes.subarray(0, at))
        left.set(rest, at)
        return left
      }
      return { start, end, without }
    }
    at = end + 4
  }
  return undefined
}

const nowhere = (): undefined => undefined

const finders: Readonly<Record<PictureFormat, (bytes: Uint8Array) => Block | undefined>> = {
  JPEG: inJpeg,
  PNG: inPng,
  WebP: inWebp,
  GIF: nowhere,
  TIFF: nowhere,
  BMP: nowhere,
}

/** The first table of a block (a small TIFF) has an entry of 12 bytes for each tag; 0x0112 is a number of two bytes. */
function orientationOf(block: Uint8Array): number {
  const tiff = isNamed(block, 0, 'Exif') ? block.subarray(6) : block
  const view = viewOf(tiff)
  try {
    const isLittle = view.getUint16(0) === 0x4949
    const table = view.getUint32(4, isLittle)
    const count = view.getUint16(table, isLittle)
    for (let at = table + 2; at < table + 2 + 12 * count; at += 12)
      if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle)
  } catch (error) {
    // A block that is cut says nothing, as in Pillow.
    if (!(error instanceof RangeError)) throw error
  }
  return 1
}

/**
 * How a JPEG, PNG or WebP says it is to be turned, from 1 (not at all) to 8, and its bytes without saying so: browsers turn some
 * formats and leave others, whatever they are told.
 *
 * Source: CIPA DC-008 (Exif 3.0), 4.6.5.1.6.
 */
export function exifOrientation(
  format: PictureFormat,
  bytes: Uint8Array,
): { readonly orientation: number; readonly bytes: Uint8Array } {
  const block = finders[format](bytes)
  if (block === undefined) return { orientation: 1, bytes }
  const told = orientationOf(bytes.subarray(block.start, block.end))
  return { orientation: told >= 1 && told <= 8 ? told : 1, bytes: told === 1 ? bytes : block.without() }
}
