import { layers, type Tensor } from 'typegrad'
import { attend, joinHeads, splitHeads } from './attention.ts'
import { linear } from './linear.ts'
import { type NetworkContext, Part } from './network.ts'

export interface ImageAttentionOptions {
  readonly width: number
  readonly heads: number
  readonly qkvBias: boolean
  readonly attentionDropout: number
  readonly stddev: number
}

/**
 * Attention of patches to each other, as ViT and its descendants have it: (batch, tokens, width) → the same.
 *
 * Checkpoints call its weights `attention.query`, …, and `output.dense`.
 */
export class ImageAttention extends Part {
  readonly className = 'ImageAttention'
  readonly attention: Readonly<Record<'query' | 'key' | 'value', layers.Dense>>
  readonly outputPart: { readonly dense: layers.Dense }
  readonly dropout: layers.Dropout
  readonly heads: number

  constructor({ width, heads, qkvBias: useBias, attentionDropout, stddev }: ImageAttentionOptions) {
    super()
    this.heads = heads
    this.attention = {
      query: linear(width, { useBias, stddev }),
      key: linear(width, { useBias, stddev }),
      value: linear(width, { useBias, stddev }),
    }
    this.outputPart = { dense: linear(width, { stddev }) }
    this.dropout = layers.dropout({ rate: attentionDropout })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { query, key, value } = this.attention
    const heads = (part: typeof query) => splitHeads(part.apply(x), this.heads)
    const mixed = attend(heads(query), heads(key), heads(value), context, {
      dropout: (weights) => this.dropout.apply(weights, { training: context.training }),
    })
    return this.outputPart.dense.apply(joinHeads(mixed))
  }
}

/** How checkpoints write fields of {@link ImageAttention} and the like: a layer has an `output` of its own. */
export const imageSegments = { output_part: 'output' } as const

/** What modules of {@link ImageAttention} are called in transformers from version 5 on. */
export const imageAttentionRenamed = [
  [/attention\.attention\.(query|key|value)/, 'attention.$1'],
  [/attention\.query/, 'attention.q_proj'],
  [/attention\.key/, 'attention.k_proj'],
  [/attention\.value/, 'attention.v_proj'],
  [/attention\.output\.dense/, 'attention.o_proj'],
] as const
