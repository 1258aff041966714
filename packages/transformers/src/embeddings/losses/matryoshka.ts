import { ops, type Tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { EmbeddingLoss } from './embedding-loss.ts'

export interface MatryoshkaOptions {
  /** How many of the first numbers of an embedding are to do alone, such as `[384, 256, 128, 64]`. */
  readonly dims: readonly number[]
  /** How much each counts. Default 1 for each. */
  readonly weights?: readonly number[]
}

const optionChecks = optionsOf<MatryoshkaOptions>()({
  dims: checks.needed(checks.severalOf('numbers of dimensions', checks.count)),
  weights: checks.severalOf('weights', checks.notNegative),
})

/**
 * A loss of the embeddings' beginnings as well, so that they can be cut off: the sum over `dims` of the loss of embeddings that
 * are cut to so many numbers and scaled to length 1.
 *
 * Kusupati et al. 2022, https://arxiv.org/abs/2205.13147
 *
 * @throws ArgumentError for options that are none, and a number of weights that is not that of `dims`; in training, for
 * dimensions that the model does not have.
 * @example
 * const loss = embeddingLosses.matryoshka(embeddingLosses.multipleNegativesRanking(), { dims: [384, 128, 32] })
 */
export function matryoshka(loss: EmbeddingLoss, options: MatryoshkaOptions): EmbeddingLoss {
  checkOptions('matryoshka', options, optionChecks)
  const { dims, weights = dims.map(() => 1) } = options
  if (dims.length === 0 || weights.length !== dims.length) {
    throw new ArgumentError({
      where: 'matryoshka: weights',
      expected: 'one or more dims, and a weight for each',
      received: `${dims.length} dims and ${weights.length} weights`,
    })
  }
  return {
    ...loss,
    name: `matryoshka of ${loss.name}`,
    prepare(width) {
      const large = dims.filter((dim) => dim > width)
      if (large.length > 0) {
        throw new ArgumentError({
          where: 'matryoshka: dims',
          expected: `at most ${width}, which the embeddings have`,
          received: large.join(', '),
        })
      }
      const layer = loss.prepare?.(width)
      if (layer === undefined) return undefined
      throw new ArgumentError({
        where: 'matryoshka',
        expected: 'a loss without weights of its own',
        received: loss.name,
      })
    },
    call(embeddings, labels) {
      const cut = (x: Tensor, dim: number) =>
        x.shape[1] === dim ? x : x.slice([0, 0], [x.shape[0] as number, dim])
      return dims
        .map((dim, i) => {
          const shortened = embeddings.map((x) => ops.normalize(cut(x, dim)))
          const target = loss.label === 'vector' && labels !== undefined ? cut(labels, dim) : labels
          return loss.call(shortened, target).mul(weights[i] as number)
        })
        .reduce((a, b) => a.add(b))
    },
  }
}
