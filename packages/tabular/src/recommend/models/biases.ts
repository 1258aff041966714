import type { FitContext, RecommendCandidate } from './scorer.ts'
import { biasScorer, type VectorScorer } from './vector-scorer.ts'

/** How many ratings of the mean each item and each user has beside its own. */
const itemShrinkage = 10
const userShrinkage = 15
/** Rounds in which users and items take turns. */
const rounds = 10

/**
 * What ratings are before users and items meet: μ + b_u + c_i, found by turns (Koren, "Factor in the neighbors", 2010, 2.1, and its
 * Surprise form): c_i = Σ_u (r_ui − μ − b_u) / (10 + n_i), b_u = Σ_i (r_ui − μ − c_i) / (15 + n_u).
 */
export function fitBiases({ training, users, items }: FitContext): VectorScorer {
  const { ratings } = training
  const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
  let userBiases = new Float64Array(users)
  let itemBiases = new Float64Array(items)
  for (let round = 0; round < rounds; round++) {
    itemBiases = meansOf(training.items, items, itemShrinkage, (row) => {
      return (ratings[row] as number) - mean - (userBiases[training.users[row] as number] as number)
    })
    userBiases = meansOf(training.users, users, userShrinkage, (row) => {
      return (ratings[row] as number) - mean - (itemBiases[training.items[row] as number] as number)
    })
  }
  return biasScorer(mean, Float32Array.from(userBiases), Float32Array.from(itemBiases))
}

function meansOf(
  places: Int32Array,
  count: number,
  shrinkage: number,
  of: (row: number) => number,
): Float64Array<ArrayBuffer> {
  const [sums, counts] = [new Float64Array(count), new Float64Array(count).fill(shrinkage)]
  for (const [row, place] of places.entries()) {
    sums[place] = (sums[place] as number) + of(row)
    counts[place] = (counts[place] as number) + 1
  }
  return sums.map((sum, place) => sum / (counts[place] as number))
}

/** The mean of each item, held to the mean of all: what one knows without knowing users. */
export const itemMeans: RecommendCandidate<'item means'> = {
  name: 'item means',
  tasks: ['ratings'],
  fit: async ({ training, users, items }) => {
    const { ratings } = training
    const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
    const biases = meansOf(training.items, items, 1, (row) => (ratings[row] as number) - mean)
    return { scorer: biasScorer(mean, new Float32Array(users), Float32Array.from(biases)) }
  },
}

export const biases: RecommendCandidate<'biases'> = {
  name: 'biases',
  tasks: ['ratings'],
  fit: async (context) => ({ scorer: fitBiases(context) }),
}
