import { arange, layers, type Tensor } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { labelCountOf } from './labels.ts'
import { linear } from './linear.ts'
import { Network, type NetworkContext, networkInputs } from './network.ts'

/** What heads of decoders that classify are made by. */
export interface ClassifierConfig {
  /** How many classes there are. */
  readonly classes: number
  /** The token that texts are filled up with; undefined where none is said. */
  readonly padding: number | undefined
  /** The share of features that training drops before tokens are classified. */
  readonly dropout: number
  /** Of the weights' beginning. */
  readonly stddev: number
}

/** The classes are those of `id2label`, two where nothing is said of them, as in Hugging Face's. */
export function classifierConfig(config: ConfigReader, stddev: number): ClassifierConfig {
  return {
    classes: labelCountOf(config),
    padding: config.optionalNumber('pad_token_id'),
    dropout: config.number(['classifier_dropout', 'hidden_dropout'], 0.1),
    stddev,
  }
}

/** A network that puts a head on a decoder: `body` is the decoder, whatever its checkpoints call it. */
abstract class DecoderWithHead extends Network {
  readonly className: string
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly body: Network

  constructor(body: Network, className: string) {
    super()
    this.className = className
    this.body = body
  }

  override tableOf(input: string) {
    return this.body.tableOf(input)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.body.hiddenStates(ids, context)
  }
}

/**
 * A decoder that tells a text's class by its last token, which has seen all others: (batch, length) → (batch, classes).
 *
 * The last token is the last one that is no padding, on whichever side that stands: by `pad_token_id` as Hugging Face finds
 * it, or by the attention's mask where the configuration has none.
 */
export class LastTokenClassifier extends DecoderWithHead {
  readonly score
  readonly padding: number | undefined

  constructor(body: Network, className: string, { classes, padding, stddev }: ClassifierConfig) {
    super(body, className)
    this.score = linear(classes, { useBias: false, stddev })
    this.padding = padding
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    const states = this.body.apply(ids, context)
    const counted =
      this.padding === undefined ? context.attentionMask?.cast('bool') : ids.notEqual(this.padding)
    return { logits: this.score.apply(lastStates(states, counted)) }
  }
}

/**
 * The states of each text's last position that counts, of the first one where none does.
 *
 * @param states (batch, length, features)
 * @param counted bool (batch, length). Default: all.
 * @returns (batch, features)
 */
export function lastStates(states: Tensor, counted?: Tensor): Tensor {
  const [batch, length, features] = states.shape as readonly [number, number, number]
  const places = arange(0, length, 1, { dtype: 'int32' })
  const last =
    counted === undefined ? places.max() : places.mul(counted.cast('int32')).max(1, { keepDims: true })
  const isLast = places.equal(last).broadcastTo([batch, length]).cast(states.dtype)
  return isLast.reshape([batch, 1, length]).matmul(states).reshape([batch, features])
}

/** A decoder that tells the class of each token: (batch, length) → (batch, length, classes). */
export class DecoderTokenClassifier extends DecoderWithHead {
  readonly dropout
  readonly classifier

  constructor(body: Network, className: string, { classes, dropout, stddev }: ClassifierConfig) {
    super(body, className)
    this.dropout = layers.dropout({ rate: dropout })
    this.classifier = linear(classes, { stddev })
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    const states = this.dropout.apply(this.body.apply(ids, context), { training: context.training })
    return { logits: this.classifier.apply(states) }
  }
}
