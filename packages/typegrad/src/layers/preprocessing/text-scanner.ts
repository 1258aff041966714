import { utf8Into } from './host-values.ts'
import type { IndexList } from './index-list.ts'
import { type Split, type Standardize, splitters, standardizers } from './text-splitting.ts'
import { PackedToken, type TokenTable } from './token-table.ts'

export interface TextScannerOptions {
  readonly standardize: Standardize | null
  /** With null a text is one token. */
  readonly split: Split | null
  /** Runs of so many tokens are tokens in their place. */
  readonly widths: readonly number[] | undefined
}

/** A vocabulary, and the indices that its tokens and others have. */
export interface Vocabulary {
  readonly table: TokenTable
  /** Index of the table's first token. */
  readonly first: number
  /** Index of what is not in the table. */
  readonly unknown: number
  /** Index of a token without characters. */
  readonly empty: number
}

/** What is written for a row. */
interface Row {
  readonly vocabulary: Vocabulary
  readonly into: IndexList
  /** Where the list ends that is long enough. */
  readonly enough: number
}

/** In the place of a byte: nothing, or the end of a word. */
const dropped = -1
const separator = -2
const space = 0x20

/**
 * Standardizes, splits and looks up texts in one pass over their bytes in UTF-8, without a string for any of their words. What
 * it does is what `text-splitting.ts` says by regular expressions.
 */
export class TextScanner {
  #source = new Uint8Array(1024)
  #view = new DataView(this.#source.buffer)
  /** With room for all of the source. */
  #token = new PackedToken(this.#source.length)
  readonly #clean: ((text: string) => string) | undefined
  readonly #parts: ((text: string) => readonly string[]) | undefined
  readonly #split: 'whitespace' | 'character' | undefined
  readonly #runs: TokenRuns | undefined
  /** What becomes of each byte. */
  readonly #table: Int16Array
  /** What makes four letters small. */
  readonly #lowering: number

  constructor({ standardize, split, widths }: TextScannerOptions) {
    const isCutByFunction = typeof split === 'function'
    // A function comes before the scan, and so does what comes before a function.
    const isCleanBefore = typeof standardize === 'function' || isCutByFunction
    this.#clean = isCleanBefore ? cleaner(standardize) : undefined
    this.#parts = isCutByFunction ? split : undefined
    this.#split = isCutByFunction ? undefined : (split ?? undefined)
    this.#runs = widths && new TokenRuns(widths)
    this.#table = byteTable(isCleanBefore ? null : standardize, this.#split)
    this.#lowering = this.#table[0x41] === 0x61 ? 0x20202020 : 0
  }

  /**
   * Appends the indices of a row's tokens: of the texts from `start` up to `end`.
   *
   * @param most so many at most.
   */
  lookUp(
    texts: readonly string[],
    start: number,
    end: number,
    { vocabulary, into, most }: Omit<Row, 'enough'> & { readonly most: number },
  ): void {
    const row = { vocabulary, into, enough: into.length + most }
    this.#runs?.clear()
    for (let i = start; i < end; i++) {
      const text = texts[i] as string
      const clean = this.#clean === undefined ? text : this.#clean(text)
      if (this.#parts === undefined) this.#scan(clean, row)
      else for (const part of this.#parts(clean)) this.#scan(part, row)
    }
    this.#runs?.each(this.#token, () => this.#lookUp(row))
  }

  #scan(text: string, row: Row): void {
    const most = 3 * text.length + 4
    if (most > this.#source.length) {
      this.#source = new Uint8Array(2 * most)
      this.#view = new DataView(this.#source.buffer)
      this.#token = new PackedToken(2 * most)
    }
    const end = utf8Into(text, this.#source)
    // Four letters at a time are read up to what is no letter.
    this.#source.fill(space, end, end + 4)
    if (this.#split === 'character') this.#scanCharacters(end, row)
    else if (this.#split === 'whitespace' && this.#runs === undefined) this.#scanWords(end, row)
    else this.#scanTokens(end, row)
  }

  /** Words, as the hot path has them: looked up as soon as they end. */
  #scanWords(end: number, { vocabulary: { table, first, unknown }, into, enough }: Row): void {
    const token = this.#token
    // Words and what separates them take turns.
    into.reserve((end + 2) >> 1)
    const { data } = into
    let count = into.length
    for (let at = 0; at < end && count < enough; at++) {
      at = this.#word(at, end)
      if (token.length === 0) continue
      const place = table.placeOf(token)
      data[count++] = place === -1 ? unknown : first + place
    }
    into.length = count
  }

  /** Reads a token up to a separator or the end of the text, and says where that is. */
  #word(start: number, end: number): number {
    const source = this.#source
    const view = this.#view
    const table = this.#table
    const lowering = this.#lowering
    const token = this.#token
    const { words, bytes } = token
    let at = start
    let length = 0
    // Letters, four at a time, which most of a text are.
    for (;;) {
      const four = view.getInt32(at, true)
      const others = othersThanLetters(four)
      const letters = others === 0 ? 4 : (31 - Math.clz32(others & -others)) >> 3
      words[length >> 2] = letters === 4 ? four | lowering : (four | lowering) & ((1 << (8 * letters)) - 1)
      length += letters
      at += letters
      if (letters < 4) break
    }
    token.length = length
    if (at === end || table[source[at] as number] === separator) return at
    // What is left of the word, byte by byte.
    for (; at < end; at++) {
      const byte = table[source[at] as number] as number
      if (byte === separator) break
      if (byte !== dropped) bytes[length++] = byte
    }
    token.end(length)
    return at
  }

  /** Words or whole texts, whose runs may be wanted. */
  #scanTokens(end: number, row: Row): void {
    const isWhole = this.#split === undefined
    for (let at = 0; at < end || (isWhole && at === 0); at++) {
      at = this.#word(at, end)
      if (isWhole || this.#token.length > 0) this.#take(row)
    }
  }

  /** Characters, which are code points. */
  #scanCharacters(end: number, row: Row): void {
    const [source, table] = [this.#source, this.#table]
    const { into, enough } = row
    for (let at = 0; at < end && into.length < enough; ) {
      const first = table[source[at++] as number] as number
      if (first === dropped) continue
      const { bytes } = this.#token
      let length = 0
      bytes[length++] = first
      for (; ((source[at] as number) & 0xc0) === 0x80; at++) bytes[length++] = source[at] as number
      this.#token.end(length)
      this.#take(row)
    }
  }

  /** Takes the token that was read. */
  #take(row: Row): void {
    if (this.#runs === undefined) this.#lookUp(row)
    else this.#runs.add(this.#token)
  }

  #lookUp({ vocabulary, into, enough }: Row): void {
    if (into.length === enough) return
    const { table, first, unknown, empty } = vocabulary
    if (this.#token.length === 0) {
      into.push(empty)
      return
    }
    const place = table.placeOf(this.#token)
    into.push(place === -1 ? unknown : first + place)
  }
}

/** The tokens of a row, and their runs of some widths: each joined by spaces. */
class TokenRuns {
  readonly #widths: readonly number[]
  /** The tokens with a space behind each, so that a run is a stretch of this. */
  #bytes = new Uint8Array(1024)
  #end = 0
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  constructor(widths: readonly number[]) {
    this.#widths = widths
  }

  clear(): void {
    this.#end = 0
    this.#starts.length = 0
    this.#ends.length = 0
  }

  add({ bytes, length }: PackedToken): void {
    if (this.#end + length + 1 > this.#bytes.length) {
      const longer = new Uint8Array(2 * (this.#end + length + 1))
      longer.set(this.#bytes)
      this.#bytes = longer
    }
    this.#bytes.set(bytes.subarray(0, length), this.#end)
    this.#starts.push(this.#end)
    this.#end += length
    this.#ends.push(this.#end)
    this.#bytes[this.#end++] = space
  }

  /** Does something with each run, width by width, as a token. */
  each(token: PackedToken, use: () => void): void {
    for (const width of this.#widths) {
      for (let i = 0; i + width <= this.#starts.length; i++) {
        token.set(this.#bytes.subarray(this.#starts[i], this.#ends[i + width - 1]))
        use()
      }
    }
  }
}

/**
 * The high bit of each of four bytes that is no ASCII letter; bits above the lowest of them mean nothing. (Adding 0x1f lifts
 * what is at least 'a' to the high bit, and adding 5 what is above 'z'; what carries over comes from no letter.)
 */
function othersThanLetters(four: number): number {
  const small = four | 0x20202020
  return ~((small + 0x1f1f1f1f) & ~(small + 0x05050505) & ~small) & 0x80808080
}

/** A standardization as a function, where it is one before the scan. */
const cleaner = (standardize: Standardize | null): ((text: string) => string) | undefined =>
  typeof standardize === 'string' ? standardizers[standardize] : (standardize ?? undefined)

/** What becomes of each byte: beyond ASCII each stays. */
function byteTable(standardize: Standardize | null, split: string | undefined): Int16Array {
  const clean = cleaner(standardize) ?? ((text) => text)
  return Int16Array.from({ length: 0x100 }, (_, byte) => {
    if (byte > 0x7f) return byte
    const character = String.fromCharCode(byte)
    if (split === 'whitespace' && splitters.whitespace(`a${character}a`).length > 1) return separator
    const cleaned = clean(character)
    return cleaned === '' ? dropped : cleaned.charCodeAt(0)
  })
}
