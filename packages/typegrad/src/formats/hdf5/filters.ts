import { Inflate } from 'fflate'
import type { Cursor, Hdf5Bytes } from './bytes.ts'

/** What was done to the pieces of an array, in the order in which it was done. */
export interface Filter {
  readonly id: number
  readonly values: readonly number[]
}

const [deflate, shuffle, fletcher32] = [1, 2, 3]
const names: Readonly<Record<number, string>> = { 4: 'szip', 5: 'nbit', 6: 'scale-offset', 32000: 'lzf' }

export function readFilters(cursor: Cursor): Filter[] {
  const version = cursor.u8()
  const count = cursor.u8()
  if (version !== 1 && version !== 2)
    throw cursor.file.damaged('filters of version 1 or 2', `version ${version}`)
  if (version === 1) cursor.skip(6)
  return Array.from({ length: count }, () => {
    const id = cursor.u16()
    const nameLength = version === 1 || id >= 256 ? cursor.u16() : 0
    cursor.skip(2)
    const values = cursor.u16()
    cursor.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength)
    const filter = { id, values: Array.from({ length: values }, () => cursor.u32()) }
    if (version === 1 && values % 2 === 1) cursor.skip(4)
    return filter
  })
}

/**
 * A piece as it was before filters.
 *
 * @param mask bits of filters that were left out.
 * @param size its bytes: it is never unpacked to more.
 */
export function unfiltered(
  file: Hdf5Bytes,
  packed: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number,
): Uint8Array {
  let bytes = packed
  for (const [i, { id, values }] of [...filters.entries()].reverse()) {
    if (((mask >> i) & 1) !== 0) continue
    if (id === deflate) bytes = inflated(file, bytes, size)
    else if (id === shuffle) bytes = unshuffled(bytes, values[0] ?? 1)
    else if (id === fletcher32) bytes = bytes.subarray(0, Math.max(0, bytes.length - 4))
    else throw file.unsupported('numbers packed by gzip, shuffle or not at all', names[id] ?? `filter ${id}`)
  }
  if (bytes.length !== size) throw file.damaged(`a piece of ${size} bytes`, `${bytes.length}`)
  return bytes
}

/** zlib's format (RFC 1950): two bytes, deflated ones, the checksum Adler-32. */
function inflated(file: Hdf5Bytes, packed: Uint8Array, size: number): Uint8Array {
  // A checksum may stand behind the numbers.
  const result = new Uint8Array(size + 4)
  let length = 0
  const inflate = new Inflate((chunk) => {
    if (length + chunk.length > result.length) throw file.damaged(`a piece of ${size} bytes`, 'more')
    result.set(chunk, length)
    length += chunk.length
  })
  try {
    const step = 2 ** 12
    const end = packed.length - 4
    for (let i = 2; i < end; i += step)
      inflate.push(packed.subarray(i, Math.min(i + step, end)), i + step >= end)
  } catch (cause) {
    throw file.damaged('numbers packed by gzip', `others (${(cause as Error).message})`)
  }
  return result.subarray(0, length)
}

/** Shuffling puts the first bytes of all elements before the second ones, and so on. */
function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  const count = Math.floor(bytes.length / width)
  if (width <= 1 || count <= 1) return bytes
  const result = new Uint8Array(bytes)
  for (let byte = 0; byte < width; byte++)
    for (let i = 0; i < count; i++) result[i * width + byte] = bytes[byte * count + i] as number
  return result
}
