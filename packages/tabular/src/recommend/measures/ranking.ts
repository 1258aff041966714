/**
 * `recommend/measures/`: how good lists are, as numbers: the definitions are those of RecBole (`recbole.evaluator.metrics`), NDCG is scikit-learn's
 * too. It knows places of items, and nothing of models.
 */

/** What is told of the list of one user. */
export interface ListMeasures {
  /** The share of what the user took that is in the list. */
  readonly recall: number
  /** Σ 1 / log₂(1 + rank) of what was taken, divided by what it is at best (Järvelin and Kekäläinen 2002). */
  readonly ndcg: number
  /** 1 / rank of the first that was taken; 0 where none is in the list. */
  readonly reciprocalRank: number
}

const gainAt = (place: number): number => 1 / Math.log2(place + 2)

/**
 * Measures of a list.
 *
 * @param list places of items, the best first.
 * @param taken what the user took, of which nothing was learned; at least one.
 */
export function listMeasures(list: ArrayLike<number>, taken: ReadonlySet<number>): ListMeasures {
  let [hits, gain, best, first] = [0, 0, 0, 0]
  for (let place = 0; place < list.length; place++) {
    if (place < taken.size) best += gainAt(place)
    if (!taken.has(list[place] as number)) continue
    hits += 1
    gain += gainAt(place)
    if (first === 0) first = 1 / (place + 1)
  }
  return { recall: hits / taken.size, ndcg: best > 0 ? gain / best : 0, reciprocalRank: first }
}

/** The share of the items that are in any of the lists. */
export const coverage = (lists: readonly ArrayLike<number>[], items: number): number =>
  new Set(lists.flatMap((list) => Array.from(list))).size / items
