import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { golden } from '../../testing/golden-recommend.ts'
import type { Interactions } from '../interactions/interactions.ts'
import { coverage, listMeasures } from '../measures/ranking.ts'
import { topItems } from '../measures/top-items.ts'
import { fitBiases } from './biases.ts'
import { neighbours } from './neighbours.ts'
import type { FitContext, Scorer } from './scorer.ts'

const { rows, users, items, ...expected } = golden.baselines
const training: Interactions = {
  users: Int32Array.from(rows, ([user]) => user),
  items: Int32Array.from(rows, ([, item]) => item),
  ratings: Float64Array.from(rows, ([, , rating]) => rating),
  times: Float64Array.from(rows, (_, row) => row),
}
const context: FitContext = {
  task: 'ratings',
  users,
  items,
  training,
  hasTimes: false,
  features: { users: undefined, items: undefined },
  k: 5,
  seed: 0,
  deadline: Number.POSITIVE_INFINITY,
  signal: undefined,
  stop: undefined,
}
/** Float32 keeps seven digits. */
const tolerance = { scaled: 1e-6 }

const rated = new Set(rows.map(([user, item]) => user * items + item))

function expectPredictions(
  scorer: Scorer,
  of: readonly (readonly number[])[],
  pairs: (place: number) => boolean,
): void {
  const all = Int32Array.from({ length: items }, (_, item) => item)
  for (const [user, ratings] of of.entries()) {
    const asked = all.filter((item) => pairs(user * items + item))
    const expected = Array.from(asked, (item) => ratings[item] as number)
    const scores = scorer.all(user)
    expectClose(
      Float64Array.from(asked, (item) => scores[item] as number),
      expected,
      tolerance,
    )
    expectClose(scorer.pairs(new Int32Array(asked.length).fill(user), asked), expected, tolerance)
  }
}

async function neighbourScorer(of: FitContext): Promise<Scorer> {
  const { scorer } = (await neighbours.fit(of)) ?? {}
  if (scorer === undefined) throw new Error('neighbours were not fitted')
  return scorer
}

test("biases are those of Surprise's BaselineOnly", () => {
  expectPredictions(fitBiases(context), expected.biases, () => true)
})

test("neighbours of ratings are those of Surprise's KNNBaseline", async () => {
  const scorer = await neighbourScorer(context)
  // Of what was rated Surprise takes the rating itself for a neighbour's.
  expectPredictions(scorer, expected.neighbours, (pair) => !rated.has(pair))
})

test('neighbours of what is taken are cosines that are held to 0', async () => {
  const scorer = await neighbourScorer({ ...context, task: 'ranking' })
  const takenBy = (item: number): Set<number> =>
    new Set(rows.filter(([, other]) => other === item).map(([user]) => user))
  const similarity = (i: number, j: number): number => {
    const [a, b] = [takenBy(i), takenBy(j)]
    return [...a].filter((user) => b.has(user)).length / (Math.sqrt(a.size * b.size) + 10)
  }
  const history = rows.filter(([user]) => user === 0).map(([, item]) => item)
  const sums = Array.from({ length: items }, (_, item) =>
    history.filter((other) => other !== item).reduce((sum, other) => sum + similarity(item, other), 0),
  )
  expectClose(scorer.all(0), sums, tolerance)
  const similar = scorer.similar(0, 3)
  expect(similar).toHaveLength(3)
  for (const { item, score } of similar) expect(score).toBeCloseTo(similarity(0, item), 6)
})

test("measures of lists are RecBole's", () => {
  const { lists, taken, found, items: count } = golden.measures
  const measures = lists.map((list, user) => listMeasures(list, new Set(taken[user])))
  for (const name of ['recall', 'ndcg', 'reciprocalRank'] as const)
    expectClose([measures.reduce((sum, one) => sum + one[name], 0) / lists.length], [found[name]], {
      scaled: 1e-8,
    })
  // RecBole's items begin with one that stands for none.
  expectClose([coverage(lists, count + 1)], [found.coverage], { scaled: 1e-8 })
})

test('the best items are those of sorting all', () => {
  const scores = Float64Array.from({ length: 300 }, (_, i) => Math.round(20 * Math.sin(i * 7.7)))
  scores[5] = Number.NaN
  const leftOut = new Set([1, 2, 3])
  const sorted = Array.from(scores.keys())
    .filter((i) => !leftOut.has(i) && i !== 5)
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  for (const k of [1, 2, 7, 50, 296, 400])
    expect([...topItems(scores, k, leftOut)]).toEqual(sorted.slice(0, k))
})
