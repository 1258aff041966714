import { isFloating } from '../../base/dtype.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { boolean, number, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { transpose } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { Mask } from '../base/masks.ts'
import { formatSymbolicShape } from '../base/symbolic.ts'
import { Embedding, type EmbeddingOptions, embeddingChecks } from './embedding.ts'

export interface ReversibleEmbeddingOptions extends EmbeddingOptions {
  /** Whether the way back uses the embeddings themselves, rather than weights of its own. Default true. */
  readonly tieWeights?: boolean
  /** Bounds the scores: `cap · tanh(scores / cap)`. Default none. */
  readonly logitSoftCap?: number | null
}

export const reversibleEmbeddingChecks = optionsOf<ReversibleEmbeddingOptions>()({
  tieWeights: boolean,
  logitSoftCap: orNull(number),
  ...embeddingChecks,
})

/** A vector for each index, and scores of the indices for a vector; see {@link reversibleEmbedding}. */
@takes(reversibleEmbeddingChecks)
export class ReversibleEmbedding extends Embedding {
  override readonly className: string = 'ReversibleEmbedding'
  readonly tieWeights: boolean
  readonly logitSoftCap: number | undefined
  #reverse: Variable | undefined

  constructor({ tieWeights = true, logitSoftCap, ...options }: ReversibleEmbeddingOptions) {
    super(options)
    if (logitSoftCap != null && !(logitSoftCap > 0)) {
      throw new ArgumentError({
        where: 'ReversibleEmbedding: logitSoftCap',
        expected: 'a positive number',
        received: String(logitSoftCap),
      })
    }
    this.tieWeights = tieWeights
    this.logitSoftCap = logitSoftCap ?? undefined
  }

  override build(): void {
    super.build()
    if (this.tieWeights) return
    this.#reverse = this.addWeight({
      name: 'reverse_embeddings',
      shape: [this.outputDim, this.inputDim],
      initializer: this.policy.initializer,
    })
  }

  override call(x: Tensor): Tensor {
    return isFloating(x.dtype) ? this.reverse(x) : super.call(x)
  }

  override computeMask(x: Tensor): Mask {
    return isFloating(x.dtype) ? undefined : super.computeMask(x)
  }

  /** Scores (…, inputDim) of all indices for vectors (…, outputDim). */
  reverse(vectors: Tensor): Tensor {
    if (vectors.shape.at(-1) !== this.outputDim) {
      throw new ShapeError({
        where: 'ReversibleEmbedding',
        expected: `indices of a whole dtype, or vectors with a last dimension of ${this.outputDim}`,
        received: `${vectors.dtype} of shape ${formatSymbolicShape(vectors.shape)}`,
        fix: "Indices need a dtype that says so: tensor(values, { dtype: 'int32' }).",
      })
    }
    this.ensureBuilt(vectors.shape)
    const kernel = this.#reverse?.value ?? transpose(this.embeddings.value)
    const logits = vectors.matmul(kernel)
    const cap = this.logitSoftCap
    return cap === undefined ? logits : logits.div(cap).tanh().mul(cap)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      tieWeights: this.tieWeights,
      ...(this.logitSoftCap === undefined ? {} : { logitSoftCap: this.logitSoftCap }),
    }
  }
}

/**
 * Turns indices into vectors, and vectors back into scores of the indices, with the same weights: the first and
 * the last layer of a language model. Applied to whole numbers it embeds, applied to floating ones (or by
 * `reverse`) it goes back: Keras's `reverse=True`.
 *
 * Input (batch, …) of indices, output (batch, …, outputDim); or input (batch, …, outputDim), output
 * (batch, …, inputDim). Weights: embeddings (inputDim, outputDim), and without `tieWeights` reverse_embeddings
 * (outputDim, inputDim).
 *
 * Press and Wolf 2016, https://arxiv.org/abs/1608.05859
 *
 * @throws ArgumentError for sizes that are none.
 * @example
 * const embedding = layers.reversibleEmbedding({ inputDim: 10_000, outputDim: 64 })
 * const vectors = embedding.apply(tokens) // (batch, steps) → (batch, steps, 64)
 * const logits = embedding.apply(decoder.apply(vectors)) // → (batch, steps, 10_000)
 */
export const reversibleEmbedding = (options: ReversibleEmbeddingOptions): ReversibleEmbedding =>
  new ReversibleEmbedding(options)
