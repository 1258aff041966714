import { utf8 } from './host-values.ts'

/** A token's bytes in UTF-8, in words of four (little-endian, zeros behind the last byte), as the table compares them. */
export class PackedToken {
  words: Int32Array
  bytes: Uint8Array
  /** Number of bytes. */
  length = 0

  /** @param room bytes that it has place for, those of the last word's rest included. */
  constructor(room = 256) {
    this.words = new Int32Array(Math.ceil(room / 4) + 1)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  /** The token that these bytes are. */
  set(bytes: Uint8Array): void {
    if (bytes.length + 4 > this.bytes.length) Object.assign(this, new PackedToken(2 * bytes.length + 4))
    this.bytes.set(bytes)
    this.end(bytes.length)
  }

  /** Ends the token behind so many bytes that were written. */
  end(length: number): void {
    this.length = length
    // Three writes: calling `fill` would cost more than the rest of a token's work.
    const { bytes } = this
    bytes[length] = 0
    bytes[length + 1] = 0
    bytes[length + 2] = 0
  }
}

/** Numbers of a slot: the token's hash, one more than its place (0: free), its first word, and its length in bytes. */
const slotWidth = 4

/**
 * A vocabulary that is asked by bytes where they stand rather than by strings, so that no string is made of a text's words. A
 * hash table with linear probing (Knuth, The Art of Computer Programming 3, 6.4), at most half full.
 */
export class TokenTable {
  /** All tokens one after another. */
  readonly #words: Int32Array
  readonly #slots: Int32Array
  readonly #mask: number

  constructor(tokens: readonly string[]) {
    const size = 2 ** Math.ceil(Math.log2(2 * tokens.length + 2))
    this.#slots = new Int32Array(slotWidth * size)
    this.#mask = slotWidth * size - 1
    const encoded = tokens.map(utf8)
    this.#words = new Int32Array(encoded.reduce((sum, bytes) => sum + wordsOf(bytes.length), 0))
    const token = new PackedToken()
    let start = 0
    for (const [place, bytes] of encoded.entries()) {
      token.set(bytes)
      const hash = hashOf(token)
      let slot = (hash * slotWidth) & this.#mask
      while (this.#slots[slot + 1] !== 0) slot = (slot + slotWidth) & this.#mask
      this.#slots.set([hash, place + 1, start, bytes.length], slot)
      this.#words.set(token.words.subarray(0, wordsOf(bytes.length)), start)
      start += wordsOf(bytes.length)
    }
  }

  /** The place of a token, −1 where it is not in the vocabulary. */
  placeOf(token: PackedToken): number {
    const slots = this.#slots
    const mask = this.#mask
    const { length } = token
    const hash = hashOf(token)
    for (let slot = (hash << 2) & mask; ; slot = (slot + slotWidth) & mask) {
      const place = slots[slot + 1] as number
      if (place === 0) return -1
      if (slots[slot] === hash && slots[slot + 3] === length && this.#is(slots[slot + 2] as number, token))
        return place - 1
    }
  }

  #is(start: number, { words, length }: PackedToken): boolean {
    const count = wordsOf(length)
    for (let i = 0; i < count; i++) if (this.#words[start + i] !== words[i]) return false
    return true
  }
}

const wordsOf = (bytes: number): number => (bytes + 3) >> 2

/** A multiplicative hash of a token's words (2³² over the golden ratio, as in Knuth 6.4), whose high bits fold into the low ones. */
function hashOf({ words, length }: PackedToken): number {
  const count = wordsOf(length)
  let hash = length
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ (words[i] as number), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}
