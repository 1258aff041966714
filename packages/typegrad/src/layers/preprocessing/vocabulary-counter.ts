import { compareStrings } from './host-values.ts'

/** What a vocabulary consists of: strings, or whole numbers. */
export type Token = string | number

/** A token that was counted. */
export interface CountedToken<T extends Token> {
  readonly token: T
  /** How many documents have it. */
  readonly documents: number
}

/**
 * Counts tokens and the documents that have them, and tells the most frequent ones. Tokens have places, from 0 on, in the order in
 * which they are first seen.
 */
export class VocabularyCounter<T extends Token> {
  readonly #tokenAt: (place: number) => T
  #counts = new Float64Array(256)
  #documents = new Float64Array(256)
  /** The last document that had each token; the first is 1. */
  #last = new Float64Array(256)
  /** Number of tokens that have come. */
  #size = 0
  #total = 0

  constructor(tokenAt: (place: number) => T) {
    this.#tokenAt = tokenAt
  }

  /** Takes in a document: tokens that belong together, by the places that stand from `start` up to `end`; −1 is none. */
  add(places: ArrayLike<number>, start: number, end: number): void {
    this.#total += 1
    for (let i = start; i < end; i++) {
      const place = places[i] as number
      if (place < 0) continue
      if (place >= this.#size) this.#reach(place)
      this.#counts[place] = (this.#counts[place] as number) + 1
      if (this.#last[place] === this.#total) continue
      this.#last[place] = this.#total
      this.#documents[place] = (this.#documents[place] as number) + 1
    }
  }

  #reach(place: number): void {
    this.#size = place + 1
    if (place < this.#counts.length) return
    const longer = (numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const made = new Float64Array(2 * (place + 1))
      made.set(numbers)
      return made
    }
    this.#counts = longer(this.#counts)
    this.#documents = longer(this.#documents)
    this.#last = longer(this.#last)
  }

  /** The most frequent tokens but for those left out, ties by descending order of the tokens, as Keras has them. */
  mostFrequent(
    leftOut: ReadonlySet<Token | undefined>,
    most = Number.POSITIVE_INFINITY,
  ): readonly CountedToken<T>[] {
    const counts = this.#counts.subarray(0, this.#size)
    // Of a large corpus's tokens most are rare: those that cannot be among the first are not made.
    const first = this.#size - most - leftOut.size
    const least = first > 0 ? (counts.slice().sort()[first] as number) : 1
    const found: { place: number; token: T }[] = []
    for (let place = 0; place < counts.length; place++) {
      if ((counts[place] as number) < least) continue
      const token = this.#tokenAt(place)
      if (!leftOut.has(token)) found.push({ place, token })
    }
    return found
      .sort(
        (a, b) =>
          (counts[b.place] as number) - (counts[a.place] as number) || compareTokens(b.token, a.token),
      )
      .slice(0, most)
      .map(({ place, token }) => ({ token, documents: this.#documents[place] as number }))
  }

  /** How telling tokens are: log(1 + documents / (1 + documents that have it)), in float32. */
  inverseDocumentFrequencies(tokens: readonly CountedToken<T>[]): number[] {
    return tokens.map(({ documents }) => Math.fround(Math.log(1 + this.#total / (1 + documents))))
  }
}

const compareTokens = (a: Token, b: Token): number =>
  typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : compareStrings(a, b)
