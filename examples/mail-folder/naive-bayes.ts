/**
 * Naive Bayes over how often words occur: the class of the greatest log P(class) + Σ log P(word | class), where each word counts once
 * more than it was seen (Manning, Raghavan, Schütze 2008, Introduction to Information Retrieval, 13.2).
 */
export class NaiveBayes {
  readonly #words: Float64Array[]
  readonly #totals: Float64Array
  readonly #texts: Float64Array

  /** @param vocabulary how many words there are; texts are numbers below it, of which 0 fills up. */
  constructor(vocabulary: number, classes: number) {
    this.#words = Array.from({ length: classes }, () => new Float64Array(vocabulary).fill(1))
    this.#totals = new Float64Array(classes).fill(vocabulary)
    this.#texts = new Float64Array(classes)
  }

  learn(text: ArrayLike<number>, of: number): void {
    const words = this.#words[of] as Float64Array
    this.#texts[of] = (this.#texts[of] as number) + 1
    for (const word of Array.from(text)) {
      if (word === 0) continue
      words[word] = (words[word] as number) + 1
      this.#totals[of] = (this.#totals[of] as number) + 1
    }
  }

  /** The likeliest class of a text. */
  classOf(text: ArrayLike<number>): number {
    const known = Array.from(text).filter((word) => word !== 0)
    const scores = this.#words.map((words, of) =>
      known.reduce(
        (sum, word) => sum + Math.log((words[word] as number) / (this.#totals[of] as number)),
        Math.log(this.#texts[of] as number),
      ),
    )
    return scores.indexOf(Math.max(...scores))
  }
}
