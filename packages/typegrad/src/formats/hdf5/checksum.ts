import { FormatError } from '../../base/errors.ts'
import { crc32, hexadecimal } from '../crc32.ts'

/** The attribute of an array with the CRC-32 of its elements, in files that we write. */
export const checksumKey = 'typegrad.crc32'

export const checksumOf = (data: ArrayBufferView): string =>
  hexadecimal(crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))

/** @throws FormatError if elements are not what they were when they were written. */
export function checkElements(data: ArrayBufferView, wanted: string, where: string): void {
  const found = checksumOf(data)
  if (found === wanted) return
  throw new FormatError({
    where,
    expected: `the checksum ${wanted}, as when it was saved`,
    received: found,
    fix: 'The file is damaged: restore it from a copy, or save the model again.',
  })
}
