import { ops, type Tensor, zeros } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { angleSimilarity, type SimilarityName, similarities, similarityNames } from './similarity.ts'

export interface CosentOptions {
  /** What similarities are multiplied by. Default 20. */
  readonly scale?: number
  /** Default `'cosine'`. */
  readonly similarity?: SimilarityName
}

const optionChecks = optionsOf<CosentOptions>()({
  scale: checks.positive,
  similarity: checks.oneOf(...similarityNames),
})

/** log(1 + Σ e^(sᵢ − sⱼ)) over the pairs i, j of which j has the higher label: only their order counts. */
function orderLoss(scores: Tensor, labels: Tensor): Tensor {
  const gaps = scores.expandDims(1).sub(scores.expandDims(0))
  const isLower = labels.expandDims(1).less(labels.expandDims(0))
  const counted = ops.where(isLower, gaps, Number.NEGATIVE_INFINITY).flatten()
  return ops.logSumExp(ops.concat([zeros([1]), counted], 0))
}

/**
 * Pairs with higher scores are to be more alike than pairs with lower ones, whatever the scores are. Rows are
 * `{ text, textPair, label }` with a number.
 *
 * Huang et al. 2024, https://doi.org/10.1109/TASLP.2024.3402087
 *
 * @example
 * const loss = embeddingLosses.cosent()
 */
export function cosent(options: CosentOptions = {}): EmbeddingLoss {
  checkOptions('cosent', options, optionChecks)
  const { scale = 20, similarity = 'cosine' } = options
  return {
    ...{ name: 'cosent', rows: 'pairs', label: 'number' },
    call: ([texts, pairs], labels) =>
      orderLoss(
        similarities[similarity].pairs(texts as Tensor, pairs as Tensor).mul(scale),
        labels as Tensor,
      ),
  }
}

/**
 * As {@link cosent}, of angles in the complex plane, whose gradient does not vanish where cosines are near to 1 or −1.
 *
 * Li and Li 2023, https://arxiv.org/abs/2309.12871
 *
 * @example
 * const loss = embeddingLosses.angle()
 */
export function angle(options: Pick<CosentOptions, 'scale'> = {}): EmbeddingLoss {
  checkOptions('angle', options, optionsOf<Pick<CosentOptions, 'scale'>>()({ scale: checks.positive }))
  const { scale = 20 } = options
  return {
    ...{ name: 'angle', rows: 'pairs', label: 'number' },
    call: ([texts, pairs], labels) =>
      orderLoss(angleSimilarity(texts as Tensor, pairs as Tensor).mul(scale), labels as Tensor),
  }
}
