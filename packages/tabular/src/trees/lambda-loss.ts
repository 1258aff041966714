import type { TreeLoss } from './tree-loss.ts'

/** Places from the top with which pairs are counted: an order is read from there. */
const topPlaces = 30

/** Rows of each list, by their places. */
function listsOf(groups: ArrayLike<number>): readonly Uint32Array[] {
  const lists = new Map<number, number[]>()
  for (let row = 0; row < groups.length; row++) {
    const own = lists.get(groups[row] as number)
    if (own === undefined) lists.set(groups[row] as number, [row])
    else own.push(row)
  }
  return Array.from(lists.values(), (rows) => Uint32Array.from(rows))
}

/** What a place is worth, from 0: 1 / log2(2 + place). */
const discount = (place: number): number => 1 / Math.log2(2 + place)

/** The rows of a list by their scores, the highest first; equal ones as they stand. */
const ordered = (rows: Uint32Array, scores: ArrayLike<number>): Uint32Array =>
  rows.slice().sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)

/** The sum of relevance times discount in the best order; 0 where nothing is relevant. */
const idealGain = (rows: Uint32Array, relevance: ArrayLike<number>, places = rows.length): number =>
  ordered(rows, relevance)
    .subarray(0, places)
    .reduce((sum, row, place) => sum + (relevance[row] as number) * discount(place), 0)

/**
 * NDCG of each list (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002), with the relevance itself as gain, as
 * scikit-learn's `ndcg_score` has it; of equal scores the first stands first. Lists without anything relevant have none.
 *
 * @param places from the top that count. Default all.
 */
export function ndcgOfLists(
  groups: ArrayLike<number>,
  relevance: ArrayLike<number>,
  scores: ArrayLike<number>,
  places?: number,
): Float64Array {
  const found: number[] = []
  for (const rows of listsOf(groups)) {
    const ideal = idealGain(rows, relevance, places)
    if (rows.length < 2 || !(ideal > 0)) continue
    const gain = ordered(rows, scores)
      .subarray(0, places ?? rows.length)
      .reduce((sum, row, place) => sum + (relevance[row] as number) * discount(place), 0)
    found.push(gain / ideal)
  }
  return Float64Array.from(found)
}

/**
 * LambdaMART (Burges, "From RankNet to LambdaRank to LambdaMART: an overview", 2010): of each pair of a list that differs in relevance the
 * logistic loss of their difference, weighed by how much NDCG would change if they changed places.
 *
 * @param groups the list of each row.
 */
export function lambdaLoss(groups: ArrayLike<number>): TreeLoss {
  const lists = listsOf(groups)
  return {
    hasConstantHessians: false,
    begin: () => [0],
    writePairs: (relevance, [scores = new Float64Array(0)], _, pairs) => {
      pairs.fill(0, 0, 2 * relevance.length)
      for (const rows of lists) {
        const ideal = idealGain(rows, relevance)
        if (!(ideal > 0)) continue
        const order = ordered(rows, scores)
        for (let a = 0; a < Math.min(topPlaces, order.length); a++)
          for (let b = a + 1; b < order.length; b++) {
            const [first, second] = [order[a] as number, order[b] as number]
            const difference = (relevance[first] as number) - (relevance[second] as number)
            if (difference === 0) continue
            const [better, worse] = difference > 0 ? [first, second] : [second, first]
            const weight = (Math.abs(difference) * (discount(a) - discount(b))) / ideal
            // How sure the scores are of the wrong order.
            const wrong = 1 / (1 + Math.exp((scores[better] as number) - (scores[worse] as number)))
            const [gradient, hessian] = [weight * wrong, weight * wrong * (1 - wrong)]
            pairs[2 * better] = (pairs[2 * better] as number) - gradient
            pairs[2 * worse] = (pairs[2 * worse] as number) + gradient
            pairs[2 * better + 1] = (pairs[2 * better + 1] as number) + hessian
            pairs[2 * worse + 1] = (pairs[2 * worse + 1] as number) + hessian
          }
      }
    },
    /** 1 − NDCG. */
    mean: (relevance, [scores = new Float64Array(0)]) => {
      const all = ndcgOfLists(groups, relevance, scores)
      return all.length === 0 ? 1 : 1 - all.reduce((sum, one) => sum + one, 0) / all.length
    },
    predict: () => {},
  }
}
