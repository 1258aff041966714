const basis = 0x811c9dc5

/** FNV-1a of 32 bits, over the bits of numbers in single precision that are added one after another. */
export class Checksum {
  #sum = basis
  readonly #float = new Float32Array(1)
  readonly #bits = new Uint32Array(this.#float.buffer)

  add(values: Iterable<number | bigint>): void {
    for (const value of values) {
      this.#float[0] = Number(value)
      this.#sum = Math.imul(this.#sum ^ (this.#bits[0] as number), 0x01000193) >>> 0
    }
  }

  toString(): string {
    return this.#sum.toString(16).padStart(8, '0')
  }
}

/** The checksum of some numbers. */
export function checksum(values: Iterable<number | bigint>): string {
  const sum = new Checksum()
  sum.add(values)
  return `${sum}`
}

/** The same of a text's characters. */
export const checksumOfText = (text: string): string =>
  checksum(Array.from(text, (character) => character.codePointAt(0) as number))
