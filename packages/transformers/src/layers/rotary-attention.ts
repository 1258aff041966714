import { layers, type Tensor } from 'typegrad'
import { attend, joinHeads, splitHeads } from './attention.ts'
import { linear } from './linear.ts'
import { type NetworkContext, Part } from './network.ts'
import { rotate } from './rope.ts'

export interface RotaryAttentionOptions {
  /** Features of what it takes and gives. */
  readonly width: number
  readonly heads: number
  /** Heads of keys and values: each is read by heads / keyHeads queries' heads (Ainslie et al. 2023). */
  readonly keyHeads: number
  /** Features of a head. */
  readonly dim: number
  /** Which projections have biases: those to queries, keys and values, and the one behind. */
  readonly biases: { readonly input: boolean; readonly output: boolean }
  /** What products are multiplied with. */
  readonly scale: number
  /** Scores are kept within ± this. */
  readonly softCap: number | undefined
  /** A query sees so many keys, its own counted. */
  readonly window: number | undefined
  /** Normalizes each head's queries and keys by their root mean square with this epsilon (Qwen 3). */
  readonly queryKeyEpsilon: number | undefined
  /** The share of weights that training drops. */
  readonly dropout: number
  /** Of the weights' beginning. */
  readonly stddev: number
  /** Which of the network's attentions it is, counted from 0. */
  readonly block: number
}

/**
 * The attention of Llama and its relatives: each position to itself and those before it, queries and keys turned by the
 * context's `rotation` where there is one.
 */
export class RotaryAttention extends Part {
  readonly className = 'RotaryAttention'
  readonly qProj
  readonly kProj
  readonly vProj
  readonly oProj
  readonly qNorm
  readonly kNorm
  readonly dropout
  readonly options: RotaryAttentionOptions

  constructor(options: RotaryAttentionOptions) {
    super()
    const { width, heads, keyHeads, dim, biases, stddev, queryKeyEpsilon: epsilon } = options
    this.options = options
    this.qProj = linear(heads * dim, { useBias: biases.input, stddev })
    this.kProj = linear(keyHeads * dim, { useBias: biases.input, stddev })
    this.vProj = linear(keyHeads * dim, { useBias: biases.input, stddev })
    this.oProj = linear(width, { useBias: biases.output, stddev })
    this.qNorm = epsilon === undefined ? undefined : layers.rmsNormalization({ epsilon })
    this.kNorm = epsilon === undefined ? undefined : layers.rmsNormalization({ epsilon })
    this.dropout = layers.dropout({ rate: options.dropout })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { heads, keyHeads, scale, softCap, window, block } = this.options
    const { rotation, training } = context
    const query = splitHeads(this.qProj.apply(x), heads)
    const key = splitHeads(this.kProj.apply(x), keyHeads)
    const value = splitHeads(this.vProj.apply(x), keyHeads)
    const [q, k] = [this.qNorm?.apply(query) ?? query, this.kNorm?.apply(key) ?? key]
    const turned = (y: Tensor): Tensor => (rotation === undefined ? y : rotate(y, rotation))
    const mixed = attend(turned(q), turned(k), value, context, {
      causal: true,
      window,
      scale,
      softCap,
      block,
      dropout: (weights) => this.dropout.apply(weights, { training }),
    })
    return this.oProj.apply(joinHeads(mixed))
  }
}
