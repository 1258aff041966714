/** Changes the scores of one sequence before its next token is chosen. */
export interface LogitsProcessor {
  /**
   * Changes the scores in place.
   *
   * @param logits scores of all words: (words).
   * @param history the ids of the sequence so far, prompt included.
   */
  process(logits: Float32Array, history: readonly number[]): void
}
