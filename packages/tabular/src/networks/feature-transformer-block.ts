import { layers, type Tensor } from 'typegrad'
import { ops, optionsOf } from 'typegrad/core'
import {
  type CallContext,
  checks,
  Layer,
  type LayerOptions,
  layerChecks,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'
import { rootUniform } from './starts.ts'

export interface FeatureTransformerBlockOptions extends LayerOptions {
  readonly units: number
  readonly heads: number
  readonly feedForward: number
  readonly activation: 'reglu' | 'relu'
  readonly attentionDropout: number
  readonly dropout: number
  /** Whether tokens come as they are, without being normalised before the attention. */
  readonly isFirst: boolean
  /** Whether the first token alone is computed on. */
  readonly isLast: boolean
}

const blockChecks = optionsOf<FeatureTransformerBlockOptions>()({
  units: checks.needed(checks.count),
  heads: checks.needed(checks.count),
  feedForward: checks.needed(checks.count),
  activation: checks.needed(checks.oneOf('reglu', 'relu')),
  attentionDropout: checks.needed(checks.share),
  dropout: checks.needed(checks.share),
  isFirst: checks.needed(checks.boolean),
  isLast: checks.needed(checks.boolean),
  ...layerChecks,
})

/**
 * A block of {@link FeatureTransformer}: attention and a feed-forward part, each behind a normalisation and beside a shortcut.
 *
 * Input (batch, tokens, units), output the same, or (batch, 1, units) of the last block.
 */
@takes(blockChecks)
export class FeatureTransformerBlock extends Layer {
  readonly className = 'FeatureTransformerBlock'
  readonly attentionNorm: layers.LayerNormalization | undefined
  readonly query: layers.Dense
  readonly key: layers.Dense
  readonly value: layers.Dense
  readonly mix: layers.Dense | undefined
  readonly feedForwardNorm: layers.LayerNormalization
  readonly inner: layers.Dense
  readonly outer: layers.Dense
  readonly attentionDropout: layers.Dropout
  readonly dropout: layers.Dropout
  readonly #options: Omit<FeatureTransformerBlockOptions, keyof LayerOptions>

  constructor({
    units,
    heads,
    feedForward,
    activation,
    attentionDropout,
    dropout,
    isFirst,
    isLast,
    ...options
  }: FeatureTransformerBlockOptions) {
    super(options)
    this.#options = { units, heads, feedForward, activation, attentionDropout, dropout, isFirst, isLast }
    const { dtype } = this
    const norm = (): layers.LayerNormalization => layers.layerNormalization({ epsilon: 1e-5, dtype })
    const dense = (inputs: number, outputs: number, biases: 'zeros' | 'uniform'): layers.Dense =>
      layers.dense({
        units: outputs,
        kernelInitializer: rootUniform(inputs),
        biasInitializer: biases === 'zeros' ? 'zeros' : rootUniform(inputs),
        dtype,
      })
    this.attentionNorm = isFirst ? undefined : norm()
    this.query = dense(units, units, 'zeros')
    this.key = dense(units, units, 'zeros')
    this.value = dense(units, units, 'zeros')
    this.mix = heads > 1 ? dense(units, units, 'zeros') : undefined
    this.feedForwardNorm = norm()
    this.inner = dense(units, activation === 'reglu' ? 2 * feedForward : feedForward, 'uniform')
    this.outer = dense(feedForward, units, 'uniform')
    this.attentionDropout = layers.dropout({ rate: attentionDropout, dtype })
    this.dropout = layers.dropout({ rate: dropout, dtype })
  }

  override build(inputShape: SymbolicShape): void {
    const { feedForward } = this.#options
    const own = [
      this.attentionNorm,
      this.query,
      this.key,
      this.value,
      this.mix,
      this.feedForwardNorm,
      this.inner,
    ]
    for (const layer of own) layer?.ensureBuilt(inputShape)
    this.outer.ensureBuilt([...inputShape.slice(0, -1), feedForward])
  }

  call(x: Tensor, context: CallContext): Tensor {
    const normed = this.attentionNorm?.apply(x) ?? x
    const attended = this.#first(x).add(this.#attention(this.#first(normed), normed, context))
    return attended.add(this.#feedForward(this.feedForwardNorm.apply(attended), context))
  }

  /** The tokens that are computed on. */
  #first(x: Tensor): Tensor {
    const [rows = 0, , units = 0] = x.shape
    return this.#options.isLast ? ops.slice(x, [0, 0, 0], [rows, 1, units]) : x
  }

  #attention(from: Tensor, to: Tensor, context: CallContext): Tensor {
    const { units, heads } = this.#options
    // (batch, tokens, units) → (batch, heads, tokens, units / heads)
    const apart = (of: Tensor): Tensor => {
      const [rows = 0, tokens = 0] = of.shape
      return of.reshape([rows, tokens, heads, units / heads]).transpose([0, 2, 1, 3])
    }
    const [query, key, value] = [this.query.apply(from), this.key.apply(to), this.value.apply(to)].map(
      apart,
    ) as [Tensor, Tensor, Tensor]
    const scores = query.matmul(key.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(units / heads))
    const shares = this.attentionDropout.apply(ops.softmax(scores), context)
    const [rows = 0, tokens = 0] = from.shape
    const together = shares.matmul(value).transpose([0, 2, 1, 3]).reshape([rows, tokens, units])
    return this.mix?.apply(together) ?? together
  }

  #feedForward(x: Tensor, context: CallContext): Tensor {
    const inner = this.inner.apply(x)
    const active = this.#options.activation === 'reglu' ? reglu(inner) : inner.relu()
    return this.outer.apply(this.dropout.apply(active, context))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#options }
  }
}

/** The first half times the positive part of the second (Shazeer 2020, https://arxiv.org/abs/2002.05202). */
function reglu(x: Tensor): Tensor {
  const [a, gate] = ops.split(x, 2, -1) as [Tensor, Tensor]
  return a.mul(gate.relu())
}
