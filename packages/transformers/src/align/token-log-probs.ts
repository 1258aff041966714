/**
 * `align/`: models that learn which answers are wanted: from pairs of answers, from answers that were judged, and from
 * rewards for answers of their own. It knows all of the package but `testing/`.
 */
import { arange, input, losses, type Tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { type CallContext, Layer } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { CausalLM } from '../layers/network.ts'
import type { Limits } from './scored-texts.ts'

export interface TokenLogProbsOptions {
  /** What scores are divided by before their softmax, as the tokens were drawn. Default 1. */
  readonly temperature?: number
  /** Whether training drops features as the model's configuration says. Default false. */
  readonly dropout?: boolean
}

/** −log p of a class, of its logits: its gradient is softmax less a one, and needs no one-hot. */
const crossEntropy = losses.sparseCategoricalCrossentropy({ fromLogits: true })

/**
 * How likely a causal language model takes tokens of texts to be: (batch, texts, length) and (batch, texts, tokens) →
 * (batch, texts, tokens).
 *
 * The first input are the texts' ids, filled up behind with any. Nothing sees what stands after itself, so no mask is
 * needed. The second are places: of each token that is asked for, the one of the token before it, which predicts it. The
 * head scores these alone, so that logits are (batch · texts · tokens, words) however long the prompts are.
 */
export class TokenLogProbs extends Layer<readonly Tensor[], Tensor> {
  readonly className = 'TokenLogProbs'
  readonly network: CausalLM
  readonly temperature: number
  readonly dropout: boolean

  constructor(network: CausalLM, { temperature = 1, dropout = false }: TokenLogProbsOptions = {}) {
    super()
    this.network = network
    this.temperature = temperature
    this.dropout = dropout
  }

  call(inputs: readonly Tensor[], { training }: CallContext): Tensor {
    const [ids, places] = inputs as readonly [Tensor, Tensor]
    const [batch, texts, length] = ids.shape as readonly [number, number, number]
    const tokens = places.shape[2] as number
    const rows = batch * texts
    const states = this.network.features(ids.reshape([rows, length]), { training: training && this.dropout })
    // Places among all tokens of the batch: (rows · tokens).
    const starts = arange(0, rows * length, length, { dtype: 'int32' }).reshape([rows, 1])
    const at = places
      .reshape([rows, tokens])
      .add(starts)
      .reshape([rows * tokens])
    const before = states.reshape([rows * length, states.shape[2] as number]).gather(at)
    const scores = this.network.head(before)
    const logits = this.temperature === 1 ? scores : scores.div(this.temperature)
    const asked = ids.reshape([rows * length]).gather(at.add(1))
    return crossEntropy.call(asked, logits).neg().reshape([batch, texts, tokens])
  }
}

/** Inputs and outputs of a functional model that gives the log-probabilities of so many texts a sample. */
export function logProbsOf(network: CausalLM, texts: number, options: TokenLogProbsOptions = {}) {
  const inputs = {
    ids: input({ name: 'ids', shape: [texts, 'length'], dtype: 'int32' }),
    places: input({ name: 'places', shape: [texts, 'tokens'], dtype: 'int32' }),
  }
  return { inputs, outputs: new TokenLogProbs(network, options).apply([inputs.ids, inputs.places]) }
}

/** A causal network, and how many words and positions it has. */
export interface CausalParts {
  readonly network: CausalLM
  readonly limits: Limits
}

/** What continues texts in a model. @throws ArgumentError for a model that does not. */
export function causalPartsOf(where: string, model: PretrainedModel): CausalParts {
  const network = model instanceof PretrainedModel ? model.network : undefined
  if (network instanceof CausalLM) {
    const words = model.modelOutputs[0]?.shape?.at(-1) ?? 0
    return { network, limits: { words, positions: network.maxPositions } }
  }
  throw new ArgumentError({
    where,
    expected: 'a causal language model, such as GPT2LMHeadModel or LlamaForCausalLM',
    received: network === undefined ? 'something else' : network.className,
    fix: 'Load it with the head that scores words: fromPretrained(folder, { className }).',
  })
}

/** Refuses another model whose tokens are not the same. @throws ArgumentError. */
export function checkSameWords(where: string, model: Limits, other: Limits): void {
  if (model.words === other.words) return
  throw new ArgumentError({
    where,
    expected: `a model with the same vocabulary, of ${model.words} words`,
    received: `one with ${other.words}`,
    fix: 'Tokens of one are none of the other: take one that the same tokenizer was made for.',
  })
}
