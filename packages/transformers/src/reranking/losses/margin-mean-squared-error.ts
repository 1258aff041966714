import { ops } from 'typegrad'
import type { RerankingLoss } from './reranking-loss.ts'

/**
 * How much more a query's first document scores than each other one is to be what a teacher's scores, the labels, say: mean
 * squared error. For distillation of a larger re-ranker.
 *
 * Hofstätter et al. 2020, https://arxiv.org/abs/2010.02666
 *
 * @example
 * const loss = rerankingLosses.marginMeanSquaredError() // { query, documents: [good, bad], labels: [9.1, -3.4] }
 */
export const marginMeanSquaredError = (): RerankingLoss => ({
  ...{ name: 'marginMeanSquaredError', rows: 'labelled' },
  call({ scores, labels, counted }) {
    const [rows, documents] = scores.shape as readonly [number, number]
    // Of the first document with itself nothing.
    const isOther = counted.logicalAnd(ops.cumsum(counted.cast('float32'), 1).greater(1))
    const margins = (x: typeof scores) => x.slice([0, 0], [rows, 1]).sub(x)
    const errors = margins(scores).sub(margins(labels)).square()
    const count = documents === 1 ? 1 : isOther.cast('float32').sum().maximum(1)
    return ops.where(isOther, errors, 0).sum().div(count)
  },
})
