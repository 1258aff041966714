/** FNV-1a of 32 bits, over the bits of numbers in single precision. */
export function checksum(values: readonly number[]): string {
  const bits = new Uint32Array(Float32Array.from(values).buffer)
  return bits
    .reduce((sum, value) => Math.imul(sum ^ value, 0x01000193) >>> 0, 0x811c9dc5)
    .toString(16)
    .padStart(8, '0')
}

/** The same of a text's characters. */
export const checksumOfText = (text: string): string =>
  checksum(Array.from(text, (character) => character.codePointAt(0) as number))
