import { ops } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RerankingLoss } from './reranking-loss.ts'

export interface BinaryCrossEntropyOptions {
  /** How many times as much a document that answers counts as one that does not; for sets with few of them. Default 1. */
  readonly positiveWeight?: number
}

const optionChecks = optionsOf<BinaryCrossEntropyOptions>()({ positiveWeight: checks.positive })

/**
 * Each document by itself is to get the probability of its label, from 0 to 1.
 *
 * @example
 * const loss = rerankingLosses.binaryCrossEntropy()
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): RerankingLoss {
  checkOptions('binaryCrossEntropy', options, optionChecks)
  const { positiveWeight = 1 } = options
  return {
    ...{ name: 'binaryCrossEntropy', rows: 'labelled' },
    call({ scores, labels, counted }) {
      // −log σ(x) is softplus(−x), which never overflows.
      const missed = labels.mul(ops.softplus(scores.neg())).mul(positiveWeight)
      const cost = missed.add(labels.neg().add(1).mul(ops.softplus(scores)))
      return ops.where(counted, cost, 0).sum().div(counted.cast('float32').sum())
    },
  }
}
