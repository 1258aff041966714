/** Something that was found, and how well it fits. */
export interface Hit {
  /** The passage's number. */
  readonly passage: number
  readonly score: number
}

/** The best passages by their scores, one of each place. */
export function bestPlaces(
  passages: readonly { readonly place: string }[],
  scores: readonly number[],
  most = passages.length,
): readonly Hit[] {
  const order = scores.map((score, passage) => ({ passage, score })).sort((a, b) => b.score - a.score)
  const seen = new Set<string>()
  return order
    .filter(({ passage }) => {
      const place = passages[passage]?.place ?? ''
      if (seen.has(place)) return false
      seen.add(place)
      return true
    })
    .slice(0, most)
}

/**
 * How good rankings are: recall@k is the share of questions with an answer among the first k, and the mean reciprocal rank
 * the mean of 1 / rank of the first answer (Voorhees 1999, The TREC-8 Question Answering Track Report).
 *
 * @param ranks of each question's first answer, from 1; Infinity for one that was not found.
 */
export const measures = (ranks: readonly number[], k: number) => ({
  recall: ranks.filter((rank) => rank <= k).length / ranks.length,
  meanReciprocalRank: ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
})
