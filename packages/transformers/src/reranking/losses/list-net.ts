import { ops } from 'typegrad'
import type { RerankingLoss } from './reranking-loss.ts'

/**
 * The softmax of a query's scores is to be that of its labels: cross-entropy over the list.
 *
 * Cao et al. 2007, https://doi.org/10.1145/1273496.1273513
 *
 * @example
 * const loss = rerankingLosses.listNet()
 */
export const listNet = (): RerankingLoss => ({
  ...{ name: 'listNet', rows: 'labelled' },
  call({ scores, labels, counted }) {
    // Places without a document have a share of 0 on both sides.
    const wanted = ops.softmax(ops.where(counted, labels, -1e16))
    const found = ops.logSoftmax(ops.where(counted, scores, -1e16))
    return ops.where(counted, wanted.mul(found), 0).sum(-1).mean().neg()
  },
})
