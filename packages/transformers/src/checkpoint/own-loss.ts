import { type CompileOptions, Loss, losses, ops, type Tensor, tensor } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { ignoredLabel, labelCountOf } from '../layers/labels.ts'
import { CausalLM, EncoderDecoder, type Network } from '../layers/network.ts'
import type { ShiftTokensOptions } from '../layers/shift-tokens.ts'

/**
 * The cross-entropy of the next token, for labels that are the text itself: the label of each position is compared with the
 * logits of the one before, as Hugging Face's causal language models do it. −100 does not count.
 *
 * Labels (batch, length), logits (batch, length, words); the mean over all labels that count.
 */
export class NextTokenCrossentropy extends Loss {
  readonly className = 'NextTokenCrossentropy'
  readonly #ofTokens = crossentropy()

  constructor(options: losses.LossOptions = {}) {
    super(options, 'next_token_crossentropy')
  }

  override call(labels: Tensor, logits: Tensor): Tensor {
    return this.#ofTokens.call(nextOnes(labels), logits)
  }

  protected override maskOf(labels: Tensor): Tensor {
    return nextOnes(labels).notEqual(ignoredLabel)
  }

  override validate(...given: Parameters<Loss['validate']>): void {
    this.#ofTokens.validate(...given)
  }
}

/** The label behind each position, none behind the last: (batch, length) → the same. */
function nextOnes(labels: Tensor): Tensor {
  const [batch, length] = labels.shape as readonly [number, number]
  const none = tensor(ignoredLabel, { dtype: 'int32' }).broadcastTo([batch, 1])
  return ops.concat([labels.cast('int32').slice([0, 1], [batch, length - 1]), none], 1)
}

/**
 * What a network of Hugging Face makes small by itself where labels are given: of `logits` the cross-entropy, in which the
 * label −100 does not count; for texts that get numbers or several labels what their configuration says. Undefined for
 * networks without such a head.
 */
export function ownLoss(network: Network, config: ConfigReader): CompileOptions['loss'] {
  if (network instanceof CausalLM) return { logits: new NextTokenCrossentropy() }
  const { className } = network
  if (/For(Sequence|Image)Classification$/.test(className)) return { logits: ofTexts(config) }
  const isOfTokens = network instanceof EncoderDecoder || /For(MaskedLM|TokenClassification)$/.test(className)
  return isOfTokens ? { logits: crossentropy() } : undefined
}

const crossentropy = () =>
  losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: ignoredLabel })

const problems = ['regression', 'single_label_classification', 'multi_label_classification', ''] as const

function ofTexts(config: ConfigReader) {
  const problem = config.oneOf('problem_type', problems, '')
  if (problem === 'regression' || (problem === '' && labelCountOf(config) === 1))
    return losses.meanSquaredError()
  return problem === 'multi_label_classification'
    ? losses.binaryCrossentropy({ fromLogits: true })
    : crossentropy()
}

/** Hugging Face's defaults of `pad_token_id` and `decoder_start_token_id`, which its files leave out. */
const usualTokens: Readonly<Record<string, readonly [pad: number, start?: number]>> = {
  t5: [0, 0],
  mt5: [0, 0],
  bart: [1, 2],
  // Texts begin with their language, which is the last of the labels.
  mbart: [1],
  marian: [58_100, 58_100],
  whisper: [50_256, 50_257],
}

/** How what a decoder reads follows from the labels: see `shiftTokensRight`. */
export function decoderStart(config: ConfigReader): ShiftTokensOptions {
  const [pad, start] = usualTokens[config.string('model_type')] ?? []
  const padTokenId = config.number('pad_token_id', pad)
  if (pad !== undefined && start === undefined) return { padTokenId }
  return { padTokenId, decoderStartTokenId: config.number('decoder_start_token_id', start) }
}
