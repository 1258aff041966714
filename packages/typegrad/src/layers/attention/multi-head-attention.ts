import { anything, needed, number, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { positiveWhole } from '../convolutional/convolution.ts'
import { HeadedAttention, type HeadedAttentionOptions, headedAttentionChecks } from './headed-attention.ts'

export interface MultiHeadAttentionOptions extends HeadedAttentionOptions {
  /** Number of heads. */
  readonly numHeads: number
  /** Size of each head's queries and keys. */
  readonly keyDim: number
  /** Size of each head's values. Default keyDim. */
  readonly valueDim?: number | null
  /** Size, or sizes, of the output for each query. Default the query's. */
  readonly outputShape?: number | readonly number[] | null
}

export const multiHeadAttentionChecks = optionsOf<MultiHeadAttentionOptions>()({
  numHeads: needed(number),
  keyDim: needed(number),
  valueDim: orNull(number),
  outputShape: anything,
  ...headedAttentionChecks,
})

/** Attention of several heads; see {@link multiHeadAttention}. */
@takes(multiHeadAttentionChecks)
export class MultiHeadAttention extends HeadedAttention {
  readonly className = 'MultiHeadAttention'
  readonly numHeads: number
  readonly keyDim: number
  readonly valueDim: number
  readonly outputShape: readonly number[] | undefined

  constructor({ numHeads, keyDim, valueDim, outputShape, ...options }: MultiHeadAttentionOptions) {
    const heads = positiveWhole('MultiHeadAttention: numHeads', numHeads)
    const sizes = {
      queryHeads: heads,
      keyHeads: heads,
      keyDim: positiveWhole('MultiHeadAttention: keyDim', keyDim),
      valueDim: positiveWhole('MultiHeadAttention: valueDim', valueDim ?? keyDim),
    }
    const outputs = typeof outputShape === 'number' ? [outputShape] : (outputShape ?? undefined)
    super('MultiHeadAttention', sizes, outputs, options)
    this.numHeads = numHeads
    this.keyDim = keyDim
    this.valueDim = sizes.valueDim
    this.outputShape = outputs
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      numHeads: this.numHeads,
      keyDim: this.keyDim,
      valueDim: this.valueDim,
      ...(this.outputShape === undefined ? {} : { outputShape: this.outputShape }),
    }
  }
}

/**
 * Attention of several heads: queries, keys and values are projected for each head, each query takes a mean of the
 * values, weighted by the softmax of its products with the keys, divided by √keyDim, and the heads are projected
 * back.
 *
 * Input a list [query (batch, queries, features), value (batch, keys, features), key], where the key is the value if
 * it is left out, and a fourth tensor is a mask: bool (batch, keys) for which keys are there, or
 * (batch, queries, keys) for which keys each query may see, with the heads before the queries if they differ.
 * Output (batch, queries, outputShape). `attend` takes all of Keras's masks by name and gives the weights, too.
 * Weights: query, key and value kernels (features, numHeads, keyDim) with biases, attention_output kernel
 * (numHeads, valueDim, outputs) with bias.
 *
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 *
 * @throws ArgumentError for options that are none, ShapeError for tensors that do not fit.
 * @example
 * layers.multiHeadAttention({ numHeads: 8, keyDim: 64, useCausalMask: true }).apply([x, x])
 */
export const multiHeadAttention = (options: MultiHeadAttentionOptions): MultiHeadAttention =>
  new MultiHeadAttention(options)
