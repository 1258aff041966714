import { layers, type Tensor } from 'typegrad'
import type { ActivationFunction } from './activation.ts'
import { attend, joinHeads, splitHeads } from './attention.ts'
import { linear } from './linear.ts'
import { type NetworkContext, networkOptions, Part } from './network.ts'

export interface PostNormBlockConfig {
  readonly width: number
  readonly heads: number
  /** How many heads of each block were removed; none of those that are not there. Default none. */
  readonly removedHeads?: ReadonlyMap<number, number>
  /** Size of what is between the two layers of the feed-forward part. */
  readonly inner: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly dropouts: { readonly hidden: number; readonly attention: number }
  /** Of the normal numbers that weights begin as. */
  readonly stddev: number
}

export interface BlockContext extends NetworkContext {
  /** What an encoder has computed of relative positions, once for all of its blocks. */
  readonly relative?: Tensor
}

/**
 * A block of "Attention Is All You Need", which normalizes after each part: x → norm(x + part(x)), for attention and then for
 * the feed-forward part.
 *
 * Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 */
export class PostNormBlock extends Part {
  readonly className: string = 'PostNormBlock'
  readonly query
  readonly key
  readonly value
  readonly attended
  readonly attendedNorm
  readonly inner
  readonly outer
  readonly outerNorm
  readonly attentionDropout
  readonly dropout
  readonly activation: ActivationFunction
  readonly heads: number

  /** @param index which of the encoder's blocks it is, counted from 0. */
  constructor(config: PostNormBlockConfig, index = 0) {
    super()
    const { width, heads, removedHeads, inner, activation, epsilon, dropouts, stddev } = config
    this.heads = heads - (removedHeads?.get(index) ?? 0)
    this.activation = activation
    const attended = this.heads * (width / heads)
    this.query = linear(attended, { stddev })
    this.key = linear(attended, { stddev })
    this.value = linear(attended, { stddev })
    this.attended = linear(width, { stddev })
    this.attendedNorm = layers.layerNormalization({ epsilon })
    this.inner = linear(inner, { stddev })
    this.outer = linear(width, { stddev })
    this.outerNorm = layers.layerNormalization({ epsilon })
    this.attentionDropout = layers.dropout({ rate: dropouts.attention })
    this.dropout = layers.dropout({ rate: dropouts.hidden })
  }

  override get callOptions(): readonly string[] {
    return [...networkOptions, 'relative' satisfies keyof BlockContext]
  }

  /**
   * What is added to the scores, and what the products of queries and keys are multiplied with.
   *
   * @param _query (batch, length, heads, dim)
   * @param _key (batch, length, heads, dim)
   * @returns a bias that broadcasts to (batch, heads, length, length). Default: what the encoder has computed.
   */
  protected scoring(
    _query: Tensor,
    _key: Tensor,
    { relative }: BlockContext,
  ): { bias?: Tensor; scale?: number } {
    return relative === undefined ? {} : { bias: relative }
  }

  call(x: Tensor, context: BlockContext): Tensor {
    const training = { training: context.training }
    const query = splitHeads(this.query.apply(x), this.heads)
    const key = splitHeads(this.key.apply(x), this.heads)
    const value = splitHeads(this.value.apply(x), this.heads)
    const mixed = attend(query, key, value, context, {
      ...this.scoring(query, key, context),
      dropout: (weights) => this.attentionDropout.apply(weights, training),
    })
    const attention = this.dropout.apply(this.attended.apply(joinHeads(mixed)), training)
    const attended = this.attendedNorm.apply(x.add(attention))
    const inner = this.activation(this.inner.apply(attended))
    const outer = this.dropout.apply(this.outer.apply(inner), training)
    return this.outerNorm.apply(attended.add(outer))
  }
}
