import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { judged } from '../testing/golden-models.ts'
import { lambdaLoss, ndcgOfLists } from './lambda-loss.ts'

const { groups, relevance, scores, ...expected } = judged.ranking
const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

test("NDCG is scikit-learn's", () => {
  expectClose([meanOf(ndcgOfLists(groups, relevance, scores))], [expected.NDCG], { scaled: 1e-12 })
  expectClose([meanOf(ndcgOfLists(groups, relevance, scores, 5))], [expected['NDCG@5']], { scaled: 1e-12 })
  const targets = Float64Array.from(relevance)
  expect(lambdaLoss(groups).mean(targets, [Float64Array.from(scores)])).toBeCloseTo(1 - expected.NDCG, 12)
})

test('gradients and hessians are those of the pairs, weighed by what NDCG changes when two change places', () => {
  const targets = Float64Array.from(relevance)
  const own = Float64Array.from(scores)
  const pairs = new Float64Array(2 * targets.length)
  lambdaLoss(groups).writePairs(targets, [own], 0, pairs)
  // Of each pair how much NDCG of its list changes, counted anew; the number of lists is what the mean is over.
  const all = ndcgOfLists(groups, relevance, own)
  const weights: { readonly better: number; readonly worse: number; readonly weight: number }[] = []
  for (let a = 0; a < own.length; a++)
    for (let b = 0; b < own.length; b++) {
      if (groups[a] !== groups[b] || (relevance[a] as number) <= (relevance[b] as number)) continue
      const swapped = own.slice()
      ;[swapped[a], swapped[b]] = [own[b] as number, own[a] as number]
      const after = ndcgOfLists(groups, relevance, swapped)
      const weight = all.reduce((sum, before, list) => sum + Math.abs(before - (after[list] as number)), 0)
      weights.push({ better: a, worse: b, weight })
    }
  const cost = (at: Float64Array): number =>
    weights.reduce(
      (sum, { better, worse, weight }) =>
        sum + weight * Math.log1p(Math.exp((at[worse] as number) - (at[better] as number))),
      0,
    )
  const step = 1e-4
  const moved = (row: number, by: number): number =>
    cost(own.map((score, i) => (i === row ? score + by : score)))
  const gradients = own.map((_, row) => (moved(row, step) - moved(row, -step)) / (2 * step))
  const hessians = own.map((_, row) => (moved(row, step) - 2 * cost(own) + moved(row, -step)) / step ** 2)
  expectClose(
    gradients.map((_, row) => pairs[2 * row] as number),
    gradients,
    { scaled: 1e-6 },
  )
  expectClose(
    hessians.map((_, row) => pairs[2 * row + 1] as number),
    hessians,
    { scaled: 1e-4 },
  )
})
