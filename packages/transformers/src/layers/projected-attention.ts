import { layers, type Tensor } from 'typegrad'
import { attend, attendAcross, encoderKeys, joinHeads, splitHeads } from './attention.ts'
import { linear } from './linear.ts'
import { type KeysAndValues, type NetworkContext, Part } from './network.ts'

export interface ProjectedAttentionOptions {
  readonly width: number
  readonly heads: number
  /** Share of the weights that training drops. */
  readonly dropout: number
  /** Deviation that projections begin with. */
  readonly stddev: number
  /** That of the projection back. Default the same. */
  readonly outStddev?: number
  /** Whether keys have a bias, which softmax does not see. Default true. */
  readonly keyBias?: boolean
  /** Whether no query sees what comes after it. Default false. */
  readonly causal?: boolean
  /** Which of the network's attentions of its kind this is, counted from 0. Default 0. */
  readonly block?: number
}

/** The projections of an attention whose checkpoints call them `q_proj`, `k_proj`, `v_proj` and `out_proj`. */
abstract class ProjectedAttention extends Part {
  readonly qProj: layers.Dense
  readonly kProj: layers.Dense
  readonly vProj: layers.Dense
  readonly outProj: layers.Dense
  readonly weightDropout: layers.Dropout
  readonly heads: number
  readonly block: number

  constructor(options: ProjectedAttentionOptions) {
    super()
    const { width, heads, stddev, outStddev = stddev, keyBias = true, block = 0 } = options
    this.heads = heads
    this.block = block
    this.qProj = linear(width, { stddev })
    this.kProj = linear(width, { stddev, useBias: keyBias })
    this.vProj = linear(width, { stddev })
    this.outProj = linear(width, { stddev: outStddev })
    this.weightDropout = layers.dropout({ rate: options.dropout })
  }

  protected query(x: Tensor): Tensor {
    return splitHeads(this.qProj.apply(x), this.heads)
  }

  protected keysAndValues(x: Tensor): KeysAndValues {
    return {
      keys: splitHeads(this.kProj.apply(x), this.heads),
      values: splitHeads(this.vProj.apply(x), this.heads),
    }
  }

  protected dropping({ training }: NetworkContext) {
    return (weights: Tensor) => this.weightDropout.apply(weights, { training })
  }
}

/** Attention of a sequence to itself: (batch, length, width) → the same. */
export class SelfAttention extends ProjectedAttention {
  readonly className = 'SelfAttention'
  readonly causal: boolean

  constructor(options: ProjectedAttentionOptions) {
    super(options)
    this.causal = options.causal ?? false
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { keys, values } = this.keysAndValues(x)
    const { causal, block } = this
    const dropout = this.dropping(context)
    const mixed = attend(this.query(x), keys, values, context, { causal, block, dropout })
    return this.outProj.apply(joinHeads(mixed))
  }
}

/** Attention of a decoder to what an encoder made, `encoderStates` of the context: (batch, length, width) → the same. */
export class CrossAttention extends ProjectedAttention {
  readonly className = 'CrossAttention'

  call(x: Tensor, context: NetworkContext): Tensor {
    const over = encoderKeys(this.block, context, (states) => this.keysAndValues(states))
    const { block } = this
    const dropout = this.dropping(context)
    const mixed = attendAcross(this.query(x), over, context, { block, dropout })
    return this.outProj.apply(joinHeads(mixed))
  }
}
