import { compareStrings } from './host-values.ts'

/** What a vocabulary consists of: strings, or whole numbers. */
export type Token = string | number

/** Counts tokens and the documents that have them, and tells the most frequent ones. */
export class VocabularyCounter {
  readonly #counts = new Map<Token, number>()
  readonly #documents = new Map<Token, number>()
  #total = 0

  /** Takes in a document: tokens that belong together. */
  add(document: readonly Token[]): void {
    this.#total += 1
    for (const token of document) this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1)
    for (const token of new Set(document)) this.#documents.set(token, (this.#documents.get(token) ?? 0) + 1)
  }

  /** The most frequent tokens but for those left out, ties by descending order of the tokens, as Keras has them. */
  mostFrequent(leftOut: ReadonlySet<Token | undefined>, most = Number.POSITIVE_INFINITY): Token[] {
    return [...this.#counts]
      .filter(([token]) => !leftOut.has(token))
      .sort(([a, n], [b, m]) => m - n || compareTokens(b, a))
      .slice(0, most)
      .map(([token]) => token)
  }

  /** How telling each token is: log(1 + documents / (1 + documents that have it)), in float32. */
  inverseDocumentFrequencies(tokens: readonly Token[]): number[] {
    return tokens.map((token) =>
      Math.fround(Math.log(1 + this.#total / (1 + (this.#documents.get(token) ?? 0)))),
    )
  }
}

const compareTokens = (a: Token, b: Token): number =>
  typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : compareStrings(a, b)
