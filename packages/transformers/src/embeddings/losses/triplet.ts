import type { Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'
import { similarities } from './similarity.ts'

export interface TripletOptions {
  /** Default `'euclidean'`. */
  readonly distance?: 'cosine' | 'euclidean' | 'manhattan'
  /** How much nearer a positive is to be than a negative. Default 5; cosine distances are at most 2. */
  readonly margin?: number
}

const optionChecks = optionsOf<TripletOptions>()({
  distance: checks.oneOf('cosine', 'euclidean', 'manhattan'),
  margin: checks.notNegative,
})

/** Distances of row i of one to row i of the other: (n). */
export const distances: Readonly<
  Record<'cosine' | 'euclidean' | 'manhattan', (a: Tensor, b: Tensor) => Tensor>
> = {
  cosine: (a, b) => similarities.cosine.pairs(a, b).neg().add(1),
  euclidean: (a, b) => similarities.euclidean.pairs(a, b).neg(),
  manhattan: (a, b) => similarities.manhattan.pairs(a, b).neg(),
}

/**
 * An anchor is to be nearer to its positive than to its negative, by a margin: max(d(a, p) − d(a, n) + margin, 0). Rows are
 * `{ anchor, positive, negative }`.
 *
 * Hermans et al. 2017, https://arxiv.org/abs/1703.07737
 *
 * @example
 * const loss = embeddingLosses.triplet({ distance: 'cosine', margin: 0.3 })
 */
export function triplet(options: TripletOptions = {}): EmbeddingLoss {
  checkOptions('triplet', options, optionChecks)
  const { distance = 'euclidean', margin = 5 } = options
  const between = distances[distance]
  return {
    ...{ name: 'triplet', rows: 'anchors', label: 'none', texts: 3 },
    call(embeddings) {
      const [anchors, positives, negatives] = embeddings as [Tensor, Tensor, Tensor]
      return between(anchors, positives).sub(between(anchors, negatives)).add(margin).relu().mean()
    },
  }
}
