/**
 * BM25 ranks texts by the words that they share with a question: rare ones count more, repeated ones less and less, and
 * long texts have no advantage. No meaning is involved.
 *
 * score(D, Q) = Σ_q idf(q) · f(q, D) · (k₁ + 1) / (f(q, D) + k₁ · (1 − b + b · |D| / mean length)), where f counts q in D,
 * and idf(q) = ln(1 + (N − n(q) + ½) / (n(q) + ½)), with n(q) of the N texts containing q.
 *
 * Robertson and Zaragoza 2009, The Probabilistic Relevance Framework: BM25 and Beyond,
 * https://doi.org/10.1561/1500000019; the 1 within the logarithm, which keeps it above 0, is Lucene's.
 */
export class BM25 {
  readonly #counts: readonly ReadonlyMap<string, number>[]
  readonly #lengths: readonly number[]
  readonly #meanLength: number
  /** How many texts contain a word. */
  readonly #containing = new Map<string, number>()
  readonly #k1: number
  readonly #b: number

  constructor(texts: readonly string[], { k1 = 1.2, b = 0.75 } = {}) {
    const words = texts.map(wordsOf)
    this.#counts = words.map(countsOf)
    this.#lengths = words.map(({ length }) => length)
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / texts.length
    for (const counts of this.#counts)
      for (const word of counts.keys()) this.#containing.set(word, (this.#containing.get(word) ?? 0) + 1)
    this.#k1 = k1
    this.#b = b
  }

  /** The score of each text, 0 where it has none of the question's words. */
  scores(question: string): number[] {
    const terms = wordsOf(question)
    return this.#counts.map((counts, i) => {
      const length = this.#k1 * (1 - this.#b + (this.#b * (this.#lengths[i] as number)) / this.#meanLength)
      return terms.reduce((sum, term) => {
        const count = counts.get(term) ?? 0
        return sum + (this.#idf(term) * count * (this.#k1 + 1)) / (count + length)
      }, 0)
    })
  }

  #idf(word: string): number {
    const containing = this.#containing.get(word) ?? 0
    return Math.log(1 + (this.#counts.length - containing + 0.5) / (containing + 0.5))
  }
}

/** Words that say nothing of what a text is about. */
const stopWords = new Set(
  'a an and are as at be but by can do does for from has have how i if in into is it its me my no not of on or so than that the then there these they this to was what when where which while who why will with you your'.split(
    ' ',
  ),
)

/** `trainOnBatch` is found by `batch` too. */
const wordsOf = (text: string): readonly string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
    ?.filter((word) => !stopWords.has(word))
    .map(stemOf) ?? []

/** Step 1a and a part of 1b of Porter's stemmer (1980): `layers`, `layer`; `freezing`, `freez`; `saved`, `sav`. */
function stemOf(word: string): string {
  const singular = word
    .replace(/sses$/, 'ss')
    .replace(/ies$/, 'i')
    .replace(/([^s])s$/, '$1')
  const stem = singular.replace(/([aeiouy].*)(?:ing|ed)$/, '$1').replace(/([^lsz])\1$/, '$1')
  return stem.replace(/([^aeiou])y$/, '$1i').replace(/(.{3})e$/, '$1')
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
