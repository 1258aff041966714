import { arange, ops, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RerankingLoss } from './reranking-loss.ts'

export interface LambdaOptions {
  /** What a pair of documents in the wrong order costs, by what it takes off nDCG. Default `'ndcgLoss2++'`. */
  readonly weighting?: 'none' | 'ndcgLoss1' | 'ndcgLoss2' | 'lambdaRank' | 'ndcgLoss2++'
  /** Only pairs of which one is among so many first results count. Default: all. */
  readonly at?: number
  /** What differences of scores are multiplied by. Default 1. */
  readonly sigma?: number
}

const weightings = ['none', 'ndcgLoss1', 'ndcgLoss2', 'lambdaRank', 'ndcgLoss2++'] as const

const optionChecks = optionsOf<LambdaOptions>()({
  weighting: checks.oneOf(...weightings),
  at: checks.count,
  sigma: checks.positive,
})

/** Of results in the order of their scores. */
interface Ranked {
  /** What each adds to DCG before its discount, over the best DCG: (queries, documents). */
  readonly gains: Tensor
  /** log₂(1 + rank): (documents). */
  readonly discounts: Tensor
}

/** |1 / log₂(1 + i) − 1 / log₂(2 + i)| of ranks that are i apart: (documents, documents). */
function neighbourGaps(documents: number): Tensor {
  const rank = arange(0, documents, 1, { dtype: 'float32' })
  const apart = rank.expandDims(0).sub(rank.expandDims(1)).abs()
  const inverse = (ranks: Tensor) => ops.log(ranks.add(1)).reciprocal().mul(Math.LN2)
  const gap = inverse(apart.maximum(1))
    .sub(inverse(apart.add(1)))
    .abs()
  return ops.where(apart.equal(0), 0, gap)
}

const gainGaps = (gains: Tensor): Tensor => gains.expandDims(2).sub(gains.expandDims(1)).abs()

const ndcgLoss2 = ({ gains, discounts }: Ranked): Tensor =>
  neighbourGaps(discounts.shape[0] as number).mul(gainGaps(gains))

const lambdaRank = ({ gains, discounts }: Ranked): Tensor => {
  const inverse = discounts.reciprocal()
  return inverse.expandDims(1).sub(inverse.expandDims(0)).abs().mul(gainGaps(gains))
}

/** What each pair (better, worse) of results weighs: (queries, documents, documents), or fewer axes. */
const weightOf: Readonly<Record<(typeof weightings)[number], (ranked: Ranked) => Tensor | number>> = {
  none: () => 1,
  ndcgLoss1: ({ gains, discounts }) => gains.div(discounts).expandDims(2),
  ndcgLoss2,
  lambdaRank,
  'ndcgLoss2++': (ranked) => ndcgLoss2(ranked).mul(10).add(lambdaRank(ranked)),
}

/**
 * Pairs of documents in the wrong order cost what they take off nDCG: logistic costs of differences of scores, weighted by
 * gains and ranks; the mean over the pairs.
 *
 * Wang et al. 2018, The LambdaLoss Framework, https://doi.org/10.1145/3269206.3271784
 *
 * @example
 * const loss = rerankingLosses.lambda({ at: 10 })
 */
export function lambda(options: LambdaOptions = {}): RerankingLoss {
  checkOptions('lambda', options, optionChecks)
  const { weighting = 'ndcgLoss2++', sigma = 1, at } = options
  return {
    ...{ name: 'lambda', rows: 'labelled' },
    call({ scores, labels, counted }) {
      const documents = scores.shape[1] as number
      const first = Math.min(at ?? documents, documents)
      const filled = ops.where(counted, scores, -1e16)
      const order = ops.argsort(ops.stopGradient(filled), -1, { descending: true })
      const [ranked, truth] = [filled, labels].map((x) => ops.takeAlongAxis(x, order, 1)) as [Tensor, Tensor]
      const isThere = ops.takeAlongAxis(counted.cast('float32'), order, 1).greater(0)

      const discounts = ops.log(arange(2, documents + 2, 1, { dtype: 'float32' })).mul(1 / Math.LN2)
      const gainOf = (x: Tensor) => ops.pow(2, x.maximum(0)).sub(1)
      const ideal = ops.sort(ops.where(counted, labels, 0).maximum(0), -1, { descending: true })
      const bestParts = gainOf(ideal)
        .div(discounts)
        .slice([0, 0], [ideal.shape[0] as number, first])
      const best = bestParts.sum(1, { keepDims: true }).maximum(1e-10)
      const gains = ops.where(isThere, gainOf(truth).div(best), 0)

      const isPair = isThere.expandDims(2).logicalAnd(isThere.expandDims(1))
      const isBetter = truth.expandDims(2).greater(truth.expandDims(1))
      const rank = arange(0, documents, 1, { dtype: 'int32' })
      const isFirst = rank.expandDims(0).less(first).logicalOr(rank.expandDims(1).less(first))
      const counts = (weighting === 'ndcgLoss1' ? isPair : isPair.logicalAnd(isBetter)).logicalAnd(isFirst)

      const gaps = ops.where(isPair, ranked.expandDims(2).sub(ranked.expandDims(1)), 0).mul(sigma)
      const costs = ops.softplus(gaps.neg()).mul(1 / Math.LN2)
      const weighted = costs.mul(weightOf[weighting]({ gains, discounts }))
      return ops.where(counts, weighted, 0).sum().div(counts.cast('float32').sum().maximum(1))
    },
  }
}

/**
 * Of each pair of documents the one with the higher label is to score higher: the logistic cost of their difference.
 *
 * Burges et al. 2005, https://doi.org/10.1145/1102351.1102363
 *
 * @example
 * const loss = rerankingLosses.rankNet()
 */
export const rankNet = (options: Pick<LambdaOptions, 'at' | 'sigma'> = {}): RerankingLoss => ({
  ...lambda({ ...options, weighting: 'none' }),
  name: 'rankNet',
})
