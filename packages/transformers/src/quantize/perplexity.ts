import { compile, losses, type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { CausalLM } from '../layers/network.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

export interface PerplexityOptions {
  /** Tokens that the model reads at once. Default: as many as it can tell apart. */
  readonly maxLength?: number
  /** By how many tokens the window moves on: fewer give each token more of what stands before it. Default half a window. */
  readonly stride?: number
  readonly signal?: AbortSignal
}

const perplexityChecks = optionsOf<PerplexityOptions>()({
  maxLength: checks.wholeFrom(2),
  stride: checks.count,
  signal: checks.abortSignal,
})

const crossentropy = losses.sparseCategoricalCrossentropy({ fromLogits: true })

/**
 * How surprised a causal language model is by a text: e to the mean loss of a token, by a window that slides over it. Several
 * texts are one, with empty lines between. Windows are weighed as Hugging Face's guide weighs them, so that figures compare:
 * https://huggingface.co/docs/transformers/perplexity
 *
 * @throws ArgumentError for another kind of model, options that do not fit, and a text of fewer than two tokens.
 * @example
 * const before = await perplexity(model, tokenizer, chapters, { stride: 512 })
 */
export async function perplexity(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  texts: string | readonly string[],
  options: PerplexityOptions = {},
): Promise<number> {
  checkOptions('perplexity', options, perplexityChecks)
  const { network } = model
  const refuse = (expected: string, received: string) =>
    new ArgumentError({ where: 'perplexity', expected, received })
  if (!(network instanceof CausalLM)) throw refuse('a causal language model', network.className)
  const { maxLength = network.maxPositions, signal } = options
  const { stride = Math.ceil(maxLength / 2) } = options
  if (maxLength > network.maxPositions)
    throw refuse(`a maxLength of at most ${network.maxPositions}, as the model reads`, String(maxLength))
  if (stride > maxLength) throw refuse(`a stride of at most ${maxLength}, a window`, String(stride))
  const { ids } = tokenizer.encode([texts].flat().join('\n\n'))
  if (ids.length < 2) throw refuse('a text of two tokens or more', `${ids.length}`)

  /** The loss of each token but the first, of those before it: (1, length) → (1, length − 1). */
  const lossesOf = compile((window: Tensor) => {
    const length = window.shape[1] as number
    const logits = network.outputs(window, { training: false }).logits as Tensor
    return crossentropy.call(window.slice([0, 1], [1, -1]), logits.slice([0, 0, 0], [1, length - 1, -1]))
  })
  let [sum, counted, read] = [0, 0, 0]
  for (let begin = 0; read < ids.length; begin += stride) {
    signal?.throwIfAborted()
    const end = Math.min(begin + maxLength, ids.length)
    const fresh = end - read
    read = end
    // A token that has nothing before it in its window has no loss.
    if (end - begin < 2) break
    const window = tensor([ids.slice(begin, end)], { dtype: 'int32' })
    const found = ((await (await lossesOf(window)).data()) as Float32Array).slice(-fresh)
    // The guide takes the mean of all tokens that are new, and weighs it with one fewer.
    sum += (found.reduce((a, b) => a + b, 0) / found.length) * (fresh - 1)
    counted += fresh - 1
  }
  return Math.exp(sum / counted)
}
