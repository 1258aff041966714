import { layers, type Tensor } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import { type CallContext, checks, Layer, type LayerOptions, layerChecks, takes } from 'typegrad/layers'

export interface PatchBlockOptions extends LayerOptions {
  readonly units: number
  readonly heads: number
  readonly feedForward: number
  readonly dropout: number
}

const blockChecks = optionsOf<PatchBlockOptions>()({
  units: checks.needed(checks.count),
  heads: checks.needed(checks.count),
  feedForward: checks.needed(checks.count),
  dropout: checks.needed(checks.share),
  ...layerChecks,
})

/**
 * A block of {@link PatchTransformer}: attention whose scores are added to those of the block before, and a feed-forward part, each with a
 * batch normalisation behind.
 *
 * Inputs, a list: vectors (batch, patches, units), and scores (batch, heads, patches, patches) of the block before; the output is such a list.
 */
@takes(blockChecks)
export class PatchBlock extends Layer<readonly Tensor[], readonly [Tensor, Tensor]> {
  readonly className = 'PatchBlock'
  readonly units: number
  readonly heads: number
  readonly query: layers.Dense
  readonly key: layers.Dense
  readonly value: layers.Dense
  readonly mix: layers.Dense
  readonly attentionNorm: layers.BatchNormalization
  readonly inner: layers.Dense
  readonly outer: layers.Dense
  readonly feedForwardNorm: layers.BatchNormalization
  readonly dropout: layers.Dropout

  constructor({ units, heads, feedForward, dropout, ...options }: PatchBlockOptions) {
    super(options)
    this.units = units
    this.heads = heads
    const dense = (size: number): layers.Dense => layers.dense({ units: size })
    const norm = (): layers.BatchNormalization => layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 })
    this.query = dense(units)
    this.key = dense(units)
    this.value = dense(units)
    this.mix = dense(units)
    this.attentionNorm = norm()
    this.inner = dense(feedForward)
    this.outer = dense(units)
    this.feedForwardNorm = norm()
    this.dropout = layers.dropout({ rate: dropout })
  }

  call(inputs: readonly Tensor[], context: CallContext): readonly [Tensor, Tensor] {
    const [x, before] = inputs as readonly [Tensor, Tensor?]
    const [batch = 0, patches = 0] = x.shape
    const { units, heads } = this
    // (batch, patches, units) → (batch, heads, patches, units / heads)
    const apart = (of: Tensor): Tensor =>
      of.reshape([batch, patches, heads, units / heads]).transpose([0, 2, 1, 3])
    const [query, key, value] = [this.query.apply(x), this.key.apply(x), this.value.apply(x)].map(apart) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const own = query.matmul(key.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(units / heads))
    const scores = before === undefined ? own : own.add(before)
    const attended = ops
      .softmax(scores)
      .matmul(value)
      .transpose([0, 2, 1, 3])
      .reshape([batch, patches, units])
    const mixed = this.dropout.apply(this.mix.apply(attended), context)
    const normed = this.attentionNorm.apply(x.add(mixed), context)
    const hidden = this.dropout.apply(ops.gelu(this.inner.apply(normed)), context)
    const out = this.dropout.apply(this.outer.apply(hidden), context)
    return [this.feedForwardNorm.apply(normed.add(out), context), scores]
  }
}
