/** Tables that take four bytes at once: the first is the classic one, each further one a byte ahead. */
const tables = Array.from({ length: 4 }, () => new Uint32Array(256))
const [one, two, three, four] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
for (let n = 0; n < 256; n++) {
  let c = n
  for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  one[n] = c
}
for (let n = 0; n < 256; n++)
  for (let i = 1; i < 4; i++) {
    const [at, before] = [tables[i], tables[i - 1]] as [Uint32Array, Uint32Array]
    const c = before[n] as number
    at[n] = (c >>> 8) ^ (one[c & 0xff] as number)
  }

/**
 * CRC-32 of ISO 3309, as zip and zlib have it, going on from an earlier one. Takes four bytes at once.
 *
 * @example
 * crc32(new TextEncoder().encode('123456789')) // 0xcbf43926
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let c = ~before
  let i = 0
  // Indices stay within the tables and the bytes, which the type of an element does not know.
  for (const end = bytes.length - 3; i < end; i += 4) {
    c ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    c =
      (four[c & 0xff] as number) ^
      (three[(c >>> 8) & 0xff] as number) ^
      (two[(c >>> 16) & 0xff] as number) ^
      (one[c >>> 24] as number)
  }
  for (; i < bytes.length; i++) c = (one[(c ^ (bytes[i] as number)) & 0xff] as number) ^ (c >>> 8)
  return ~c >>> 0
}

/** A checksum as files have it: eight hexadecimal digits. */
export const hexadecimal = (checksum: number): string => checksum.toString(16).padStart(8, '0')
