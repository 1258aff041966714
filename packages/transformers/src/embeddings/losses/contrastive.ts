import { ops, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { rootOf, similarities } from './similarity.ts'

export interface ContrastiveOptions {
  /** Default `'cosine'`. */
  readonly distance?: 'cosine' | 'euclidean' | 'manhattan'
  /** From which distance on pairs that do not belong together are left alone. Default 0.5. */
  readonly margin?: number
}

const optionChecks = optionsOf<ContrastiveOptions>()({
  distance: checks.oneOf('cosine', 'euclidean', 'manhattan'),
  margin: checks.notNegative,
})

/** As PyTorch's `pairwise_distance` has them, which adds 1e-6 to each difference. */
const distances = {
  cosine: (a: Tensor, b: Tensor) => similarities.cosine.pairs(a, b).neg().add(1),
  euclidean: (a: Tensor, b: Tensor) => rootOf(a.sub(b).add(1e-6).square().sum(-1)),
  manhattan: (a: Tensor, b: Tensor) => a.sub(b).add(1e-6).abs().sum(-1),
} as const

/**
 * Pairs that belong together (label 1) are to be near, others (label 0) at least as far apart as the margin. Rows are
 * `{ text, textPair, label }`.
 *
 * Hadsell et al. 2006, https://doi.org/10.1109/CVPR.2006.100
 *
 * @example
 * const loss = embeddingLosses.contrastive({ margin: 0.5 })
 */
export function contrastive(options: ContrastiveOptions = {}): EmbeddingLoss {
  checkOptions('contrastive', options, optionChecks)
  const { distance = 'cosine', margin = 0.5 } = options
  return {
    ...{ name: 'contrastive', rows: 'pairs', label: 'number' },
    call([texts, pairs], labels) {
      const found = distances[distance](texts as Tensor, pairs as Tensor)
      const apart = found.neg().add(margin).relu().square()
      const belongs = labels as Tensor
      return belongs.mul(found.square()).add(belongs.neg().add(1).mul(apart)).mean().mul(0.5)
    },
  }
}

/**
 * As {@link contrastive}, of the hard pairs alone: those that belong together and are farther apart than the nearest others, and
 * others that are nearer than the farthest that belong together; a sum over them.
 *
 * @example
 * const loss = embeddingLosses.onlineContrastive()
 */
export function onlineContrastive(options: ContrastiveOptions = {}): EmbeddingLoss {
  checkOptions('onlineContrastive', options, optionChecks)
  const { distance = 'cosine', margin = 0.5 } = options
  return {
    ...{ name: 'onlineContrastive', rows: 'pairs', label: 'class' },
    call([texts, pairs], labels) {
      const found = distances[distance](texts as Tensor, pairs as Tensor)
      const values = ops.stopGradient(found)
      const belongs = (labels as Tensor).equal(1)
      const others = (labels as Tensor).equal(0)
      const meanOf = (mask: Tensor) =>
        ops.where(mask, values, 0).sum().div(mask.cast('float32').sum().maximum(1))
      const anyOf = (mask: Tensor) => mask.cast('float32').sum().greater(0)
      const farthest = ops.where(belongs, values, Number.NEGATIVE_INFINITY).max()
      const nearest = ops.where(others, values, Number.POSITIVE_INFINITY).min()
      const hardOthers = others.logicalAnd(values.less(ops.where(anyOf(belongs), farthest, meanOf(others))))
      const hardPairs = belongs.logicalAnd(values.greater(ops.where(anyOf(others), nearest, meanOf(belongs))))
      const near = ops.where(hardPairs, found.square(), 0).sum()
      return near.add(ops.where(hardOthers, found.neg().add(margin).relu().square(), 0).sum())
    },
  }
}
