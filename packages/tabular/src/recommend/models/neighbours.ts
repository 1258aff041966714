import { paced } from 'typegrad/core'
import { countsOf, type Grouped, grouped } from '../interactions/interactions.ts'
import { fitBiases } from './biases.ts'
import { NeighbourScorer } from './neighbour-scorer.ts'
import { neighbourTable, type Together } from './neighbour-table.ts'
import type { FitContext, FittedScorer, RecommendCandidate, RecommendTask } from './scorer.ts'
import { biasScorer } from './vector-scorer.ts'

/** Neighbours that are kept of each item. */
const mostKept = 200
/** Neighbours that a rating is made of. */
const mostRated = 40
/** By how many users similarities of ratings are held to 0. */
const shrinkage = 100

/** Items by the items that the same users took. */
export const neighbours: RecommendCandidate<'neighbours'> = {
  name: 'neighbours',
  tasks: ['ratings', 'ranking'],
  fit: (context) => fitters[context.task](context),
}

const fitters: Readonly<Record<RecommendTask, (context: FitContext) => Promise<FittedScorer>>> = {
  ratings: fitRatings,
  ranking: fitRanking,
}

/**
 * Of ratings: Pearson's correlation of what ratings are beside their biases, held to 0 by the number of users, n / (n + 100) · ρ (Koren,
 * "Factor in the neighbors", 2010, 2.2).
 */
async function fitRatings(context: FitContext): Promise<FittedScorer> {
  const { training, users, items } = context
  const biases = fitBiases(context)
  const byUser = grouped(training, 'users', users)
  const residuals = residualsOf(byUser, biases.pairs.bind(biases))
  const table = await paced(
    neighbourTable(byUser, residuals, items, mostKept, ({ count, ab, aa, bb }: Together) =>
      // Of one user alone the correlation is 1 or -1.
      count < 2 || aa === 0 || bb === 0
        ? 0
        : ((count - 1) / (count - 1 + shrinkage)) * (ab / Math.sqrt(aa * bb)),
    ),
  )
  return {
    scorer: new NeighbourScorer({
      biases,
      table,
      history: { ...byUser, ratings: residuals },
      most: mostRated,
    }),
  }
}

/** What is left of ratings once biases are taken off. */
function residualsOf(
  { starts, others, ratings }: Grouped,
  expected: (users: Int32Array, items: Int32Array) => Float64Array,
): Float64Array {
  const users = new Int32Array(others.length)
  for (let user = 0; user + 1 < starts.length; user++) users.fill(user, starts[user], starts[user + 1])
  const found = expected(users, others)
  return ratings.map((rating, row) => rating - (found[row] as number))
}

/** Of what is taken: the cosine of who took it (Sarwar et al., "Item-based collaborative filtering", 2001), held to 0 for the rare. */
async function fitRanking({ training, users, items }: FitContext): Promise<FittedScorer> {
  const byUser = grouped(training, 'users', users)
  const ones = new Float64Array(byUser.others.length).fill(1)
  const counts = countsOf(training.items, items)
  const table = await paced(
    neighbourTable(
      byUser,
      ones,
      items,
      mostKept,
      ({ count }, i, j) => count / (Math.sqrt((counts[i] as number) * (counts[j] as number)) + rarity),
    ),
  )
  const biases = biasScorer(0, new Float32Array(users), new Float32Array(items))
  return { scorer: new NeighbourScorer({ biases, table, history: { ...byUser, ratings: ones }, most: 0 }) }
}

/** So many users more than there are take part in each cosine. */
const rarity = 10
