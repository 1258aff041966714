import { ArgumentError } from '../../base/errors.ts'
import { needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { positiveWhole } from '../convolutional/convolution.ts'
import { HeadedAttention, type HeadedAttentionOptions, headedAttentionChecks } from './headed-attention.ts'

export interface GroupQueryAttentionOptions extends HeadedAttentionOptions {
  /** Size of each head. */
  readonly headDim: number
  /** Number of the queries' heads. */
  readonly numQueryHeads: number
  /** Number of the keys' and values' heads; it divides that of the queries'. */
  readonly numKeyValueHeads: number
}

export const groupQueryAttentionChecks = optionsOf<GroupQueryAttentionOptions>()({
  headDim: needed(number),
  numQueryHeads: needed(number),
  numKeyValueHeads: needed(number),
  ...headedAttentionChecks,
})

/** Attention whose keys and values have fewer heads than its queries; see {@link groupQueryAttention}. */
@takes(groupQueryAttentionChecks)
export class GroupQueryAttention extends HeadedAttention {
  readonly className = 'GroupQueryAttention'
  readonly headDim: number
  readonly numQueryHeads: number
  readonly numKeyValueHeads: number

  constructor({ headDim, numQueryHeads, numKeyValueHeads, ...options }: GroupQueryAttentionOptions) {
    const where = 'GroupQueryAttention'
    const queryHeads = positiveWhole(`${where}: numQueryHeads`, numQueryHeads)
    const keyHeads = positiveWhole(`${where}: numKeyValueHeads`, numKeyValueHeads)
    const dim = positiveWhole(`${where}: headDim`, headDim)
    if (queryHeads % keyHeads !== 0) {
      throw new ArgumentError({
        where,
        expected: `numKeyValueHeads that divide the ${queryHeads} heads of the queries evenly`,
        received: String(keyHeads),
      })
    }
    super(where, { queryHeads, keyHeads, keyDim: dim, valueDim: dim }, undefined, options)
    this.headDim = headDim
    this.numQueryHeads = numQueryHeads
    this.numKeyValueHeads = numKeyValueHeads
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      headDim: this.headDim,
      numQueryHeads: this.numQueryHeads,
      numKeyValueHeads: this.numKeyValueHeads,
    }
  }
}

/**
 * Attention of several heads in which groups of the queries' heads share one head of the keys and values: nearly as
 * good as {@link multiHeadAttention}, with far less to remember. One head for all is multi-query attention.
 *
 * Input a list [query (batch, queries, features), value (batch, keys, features), key] and a mask, as that of
 * {@link multiHeadAttention}. Output of the query's shape. Weights: query kernel
 * (features, numQueryHeads, headDim), key and value kernels (features, numKeyValueHeads, headDim),
 * attention_output kernel (numQueryHeads, headDim, features), each with a bias.
 *
 * Ainslie et al. 2023, https://arxiv.org/abs/2305.13245
 *
 * @throws ArgumentError for options that are none, ShapeError for tensors that do not fit.
 * @example
 * layers.groupQueryAttention({ headDim: 64, numQueryHeads: 8, numKeyValueHeads: 2 }).apply([x, x])
 */
export const groupQueryAttention = (options: GroupQueryAttentionOptions): GroupQueryAttention =>
  new GroupQueryAttention(options)
