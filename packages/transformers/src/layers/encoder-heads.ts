import { layers, ops, type Tensor, type Variable } from 'typegrad'
import { type HostArray, Layer, type SymbolicShape } from 'typegrad/layers'
import type { ActivationFunction } from './activation.ts'
import type { Encoder } from './encoder.ts'
import { linear } from './linear.ts'
import { Network, type NetworkContext, type NetworkInput } from './network.ts'

export interface HeadConfig {
  /** Hugging Face's class. */
  readonly className: string
  /** Of the normal numbers that weights begin as. */
  readonly stddev: number
}

/** A dense layer with an activation, and perhaps a normalization, in front of the layer that scores. */
export interface TransformConfig {
  readonly activation: ActivationFunction
  /** Default true. */
  readonly useBias?: boolean
  /** Of the normalization behind the activation. Default none. */
  readonly norm?: { readonly epsilon: number; readonly center?: boolean }
  /** Of the normal numbers that the dense layer's weights begin as. Default: the head's. */
  readonly stddev?: number
}

/** What a dense layer is told of a transform's options. */
const given = ({ useBias, stddev }: TransformConfig) => ({
  ...(useBias !== undefined && { useBias }),
  ...(stddev !== undefined && { stddev }),
})

/** A network that puts a head on an encoder: `body` is the encoder, whatever its checkpoints call it. */
abstract class EncoderWithHead extends Network {
  readonly className: string
  readonly takes: readonly NetworkInput[]
  readonly body: Encoder

  constructor(body: Encoder, className: string) {
    super()
    this.className = className
    this.takes = body.takes
    this.body = body
  }

  /** The longest text that it can read, in tokens. */
  get maxPositions(): number {
    return this.body.maxPositions
  }

  override checkInput(where: string, data: HostArray, input: number): Promise<unknown> | undefined {
    return this.body.checkInput(where, data, input)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.body.hiddenStates(ids, context)
  }

  /** (batch, length) → (batch, length, width) */
  protected lastStates(ids: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(ids, context).at(-1) as Tensor
  }
}

export interface MaskedLMConfig extends HeadConfig, Omit<TransformConfig, 'stddev'> {
  /** Whether each word has a bias of its own. Default true. */
  readonly scoresBias?: boolean
}

/**
 * Scores of all words for each position: (batch, length) → logits (batch, length, words). They are products with the table
 * that words are embedded by.
 */
export class MaskedLM extends EncoderWithHead {
  readonly transform
  readonly transformNorm
  readonly scores
  readonly activation: ActivationFunction

  constructor(
    body: Encoder,
    { className, stddev, activation, useBias = true, norm, scoresBias = true }: MaskedLMConfig,
  ) {
    super(body, className)
    this.activation = activation
    this.transform = linear(body.width, { stddev, useBias })
    this.transformNorm = norm && layers.layerNormalization(norm)
    this.scores = scoresBias ? new Bias() : undefined
  }

  override outputs(ids: Tensor, context: NetworkContext): { readonly logits: Tensor } {
    const active = this.activation(this.transform.apply(this.lastStates(ids, context)))
    const scores = this.body.words.reverse(this.transformNorm?.apply(active) ?? active)
    return { logits: this.scores?.apply(scores) ?? scores }
  }
}

/** x + bias */
class Bias extends Layer {
  readonly className = 'Bias'
  #bias!: Variable

  override build(shape: SymbolicShape): void {
    this.#bias = this.addWeight({ name: 'bias', shape: [shape.at(-1) as number], initializer: 'zeros' })
  }

  call(x: Tensor): Tensor {
    return x.add(this.#bias.value)
  }
}

/** What stands for a whole text: what the encoder says, the first token's state, or the mean of the states that count. */
export type TextPooling = 'pooler' | 'first' | 'mean'

export interface SequenceClassificationConfig extends HeadConfig {
  readonly pooling: TextPooling
  /** What is done with the pooled state before it is scored. Default nothing. */
  readonly transform?: TransformConfig
  /** Shares that are dropped of the pooled state, before the transform (default 0) and before it is scored. */
  readonly dropouts: { readonly first?: number; readonly last: number }
  readonly labels: number
}

/** Scores of classes for each text: (batch, length) → logits (batch, labels). */
export class SequenceClassification extends EncoderWithHead {
  readonly pooled
  readonly pooledNorm
  readonly labels
  readonly firstDropout
  readonly dropout
  readonly pooling: TextPooling
  readonly activation: ActivationFunction | undefined

  constructor(
    body: Encoder,
    { className, stddev, pooling, transform, dropouts, labels }: SequenceClassificationConfig,
  ) {
    super(body, className)
    this.pooling = pooling
    this.activation = transform?.activation
    this.pooled = transform && linear(body.width, { stddev, ...given(transform) })
    this.pooledNorm = transform?.norm && layers.layerNormalization(transform.norm)
    this.labels = linear(labels, { stddev })
    this.firstDropout = layers.dropout({ rate: dropouts.first ?? 0 })
    this.dropout = layers.dropout({ rate: dropouts.last })
  }

  #pool(states: Tensor, { attentionMask }: NetworkContext): Tensor {
    if (this.pooling === 'pooler') return this.body.pooled(states) as Tensor
    if (this.pooling === 'first') return ops.at(states, 0, 1)
    if (attentionMask === undefined) return states.mean(1)
    const counts = attentionMask.cast(states.dtype).expandDims(-1)
    return states.mul(counts).sum(1).div(counts.sum(1))
  }

  override outputs(ids: Tensor, context: NetworkContext): { readonly logits: Tensor } {
    const training = { training: context.training }
    let x = this.#pool(this.lastStates(ids, context), context)
    if (this.pooled !== undefined && this.activation !== undefined) {
      x = this.activation(this.pooled.apply(this.firstDropout.apply(x, training)))
    }
    x = this.pooledNorm?.apply(x) ?? x
    return { logits: this.labels.apply(this.dropout.apply(x, training)) }
  }
}

export interface TokenHeadConfig extends HeadConfig {
  /** What is done with each state before it is scored. Default nothing. */
  readonly transform?: TransformConfig
  /** Share of the states that is dropped before they are scored. */
  readonly dropout: number
}

/** A network that scores each token. */
abstract class TokenHead extends EncoderWithHead {
  readonly transform
  readonly transformNorm
  readonly dropout
  readonly activation: ActivationFunction | undefined

  constructor(body: Encoder, { className, stddev, transform, dropout }: TokenHeadConfig) {
    super(body, className)
    this.activation = transform?.activation
    this.transform = transform && linear(body.width, { stddev, ...given(transform) })
    this.transformNorm = transform?.norm && layers.layerNormalization(transform.norm)
    this.dropout = layers.dropout({ rate: dropout })
  }

  /** What is scored: (batch, length) → (batch, length, width). */
  protected features(ids: Tensor, context: NetworkContext): Tensor {
    let x = this.lastStates(ids, context)
    if (this.transform !== undefined && this.activation !== undefined) {
      x = this.activation(this.transform.apply(x))
    }
    x = this.transformNorm?.apply(x) ?? x
    return this.dropout.apply(x, { training: context.training })
  }
}

/** Scores of classes for each token: (batch, length) → logits (batch, length, labels). */
export class TokenClassification extends TokenHead {
  readonly classifier

  constructor(body: Encoder, config: TokenHeadConfig & { readonly labels: number }) {
    super(body, config)
    this.classifier = linear(config.labels, { stddev: config.stddev })
  }

  override outputs(ids: Tensor, context: NetworkContext): { readonly logits: Tensor } {
    return { logits: this.classifier.apply(this.features(ids, context)) }
  }
}

/** Scores of each token as the first and as the last of an answer: (batch, length) → start_logits and end_logits of that shape. */
export class QuestionAnswering extends TokenHead {
  readonly qaOutputs

  constructor(body: Encoder, config: TokenHeadConfig) {
    super(body, config)
    this.qaOutputs = linear(2, { stddev: config.stddev })
  }

  override outputs(
    ids: Tensor,
    context: NetworkContext,
  ): { readonly start_logits: Tensor; readonly end_logits: Tensor } {
    const scores = this.qaOutputs.apply(this.features(ids, context))
    return { start_logits: ops.at(scores, 0, -1), end_logits: ops.at(scores, 1, -1) }
  }
}
