import { ops } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RerankingLoss } from './reranking-loss.ts'

export interface RerankingNegativesOptions {
  /** How many documents of other rows of the batch each query is told from. Default 4. */
  readonly inBatchNegatives?: number
  /** What probabilities are multiplied by. Default 10. */
  readonly scale?: number
}

const optionChecks = optionsOf<RerankingNegativesOptions>()({
  inBatchNegatives: checks.wholeFrom(0),
  scale: checks.positive,
})

/**
 * A query's positive is to score higher than its negatives and than some documents of other rows, drawn anew for each batch:
 * cross-entropy over scaled probabilities. Rows are `{ query, positive, negative }`, where `negative` may be missing or a list.
 *
 * @example
 * const loss = rerankingLosses.multipleNegativesRanking({ inBatchNegatives: 4 })
 */
export function multipleNegativesRanking(options: RerankingNegativesOptions = {}): RerankingLoss {
  checkOptions('multipleNegativesRanking', options, optionChecks)
  const { inBatchNegatives = 4, scale = 10 } = options
  return {
    ...{ name: 'multipleNegativesRanking', rows: 'contrasts', inBatchNegatives },
    call({ scores, counted }) {
      const scaled = ops.where(counted, scores.sigmoid().mul(scale), Number.NEGATIVE_INFINITY)
      const positives = ops.at(scores.sigmoid(), 0, 1).mul(scale)
      return ops.logSumExp(scaled, 1).sub(positives).mean()
    },
  }
}
