import { utf8 } from './host-values.ts'
import { IndexList } from './index-list.ts'

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
  #words = new Int32Array(256)
  #end = 0
  /** The first word of each token, and its length in bytes. */
  readonly #starts = new IndexList()
  readonly #lengths = new IndexList()
  #slots: Int32Array
  #mask: number
  readonly #grows: boolean

  /** @param grows whether a token that is not there is given the next place when it is asked for. */
  constructor(tokens: readonly string[], grows = false) {
    this.#grows = grows
    this.#slots = new Int32Array(slotWidth * 2 ** Math.ceil(Math.log2(2 * tokens.length + 2)))
    this.#mask = this.#slots.length - 1
    const packed = new PackedToken()
    for (const token of tokens) {
      packed.set(utf8(token))
      this.#add(packed, hashOf(packed))
    }
  }

  /** The place of a token. Where it is not in the vocabulary: −1, or the next one in a table that grows. */
  placeOf(token: PackedToken): number {
    const slots = this.#slots
    const mask = this.#mask
    const { length } = token
    const hash = hashOf(token)
    for (let slot = (hash << 2) & mask; ; slot = (slot + slotWidth) & mask) {
      const place = slots[slot + 1] as number
      if (place === 0) return this.#grows ? this.#add(token, hash) : -1
      if (slots[slot] === hash && slots[slot + 3] === length && this.#is(slots[slot + 2] as number, token))
        return place - 1
    }
  }

  /** The token of a place. */
  tokenAt(place: number): string {
    const start = 4 * (this.#starts.data[place] as number)
    return text.decode(new Uint8Array(this.#words.buffer, start, this.#lengths.data[place]))
  }

  /** Gives a token the next place. */
  #add({ words, length }: PackedToken, hash: number): number {
    const place = this.#starts.length
    if (slotWidth * (2 * place + 2) > this.#slots.length) this.#spread()
    const start = this.#end
    const count = wordsOf(length)
    this.#end += count
    if (this.#end > this.#words.length) {
      const longer = new Int32Array(2 * this.#end)
      longer.set(this.#words)
      this.#words = longer
    }
    for (let i = 0; i < count; i++) this.#words[start + i] = words[i] as number
    this.#starts.push(start)
    this.#lengths.push(length)
    this.#slots.set([hash, place + 1, start, length], this.#freeSlot(hash))
    return place
  }

  #freeSlot(hash: number): number {
    let slot = (hash << 2) & this.#mask
    while (this.#slots[slot + 1] !== 0) slot = (slot + slotWidth) & this.#mask
    return slot
  }

  /** Makes twice as many slots. */
  #spread(): void {
    const before = this.#slots
    this.#slots = new Int32Array(2 * before.length)
    this.#mask = this.#slots.length - 1
    for (let at = 0; at < before.length; at += slotWidth) {
      if (before[at + 1] === 0) continue
      this.#slots.set(before.subarray(at, at + slotWidth), this.#freeSlot(before[at] as number))
    }
  }

  #is(start: number, { words, length }: PackedToken): boolean {
    const count = wordsOf(length)
    for (let i = 0; i < count; i++) if (this.#words[start + i] !== words[i]) return false
    return true
  }
}

/** A token may begin with a byte order mark, which is a character like others. */
const text = new TextDecoder('utf-8', { ignoreBOM: true })

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
