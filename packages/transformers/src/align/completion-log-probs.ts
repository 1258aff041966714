import { Functional, type Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { answerIds, promptIds, type TextOrIds } from './completion-ids.ts'
import {
  type Completion,
  expectedCompletions,
  faultsOfCompletion,
  packTexts,
  refuseFaults,
  type ScoredText,
  scoredText,
} from './scored-texts.ts'
import { causalPartsOf, checkSameWords, logProbsOf } from './token-log-probs.ts'

export interface LogProbsOptions {
  /** For prompts and answers that are texts. */
  readonly tokenizer?: Tokenizer
  /** Texts that are read at once. Default 8. */
  readonly batchSize?: number
}

const logProbsChecks = optionsOf<LogProbsOptions>()({
  tokenizer: { expected: 'a Tokenizer', accepts: (value) => value instanceof Tokenizer },
  batchSize: checks.count,
})

/** A prompt and an answer to it: texts, or ids of tokens. */
export interface PromptAndAnswer {
  readonly prompt: TextOrIds
  readonly answer: TextOrIds
}

/**
 * How likely a causal language model takes answers to be: the logarithm of each token's probability, behind the prompt and the
 * tokens before it.
 *
 * @returns of each answer one number a token.
 * @throws ArgumentError with all that is wrong: empty prompts and answers, ids that are none, texts longer than the model reads.
 * @example
 * const [tokens] = await completionLogProbs(model, [{ prompt: 'The sky is', answer: ' blue' }], { tokenizer })
 * tokens.reduce((a, b) => a + b) // the answer's
 */
export async function completionLogProbs(
  model: PretrainedModel,
  completions: readonly PromptAndAnswer[],
  options: LogProbsOptions = {},
): Promise<number[][]> {
  const where = 'completionLogProbs'
  checkOptions(where, options, logProbsChecks)
  const { tokenizer, batchSize } = options
  const { limits } = causalPartsOf(where, model)
  const read = completions.map(
    ({ prompt, answer }): Completion => ({
      prompt: promptIds(where, prompt, tokenizer),
      answer: answerIds(where, answer, tokenizer),
    }),
  )
  refuseFaults(
    where,
    read.flatMap((one, i) => faultsOfCompletion({ of: `completion ${i}` }, one, limits)),
    { expected: expectedCompletions(limits) },
  )
  return await logProbsOfTexts(
    model,
    read.map((one) => scoredText(one)),
    batchSize,
  )
}

/** The compiled scorers of models. */
const scorers = new WeakMap<PretrainedModel, Functional<Tensor>>()

function scorerOf(model: PretrainedModel): Functional<Tensor> {
  const known = scorers.get(model)
  if (known !== undefined) return known.to(model.engine)
  const made = new Functional<Tensor>(logProbsOf(causalPartsOf('completionLogProbs', model).network, 1))
  scorers.set(model, made)
  return made.to(model.engine)
}

async function logProbsOfTexts(
  model: PretrainedModel,
  texts: readonly ScoredText[],
  batchSize = 8,
): Promise<number[][]> {
  const scorer = scorerOf(model)
  const { positions } = causalPartsOf('completionLogProbs', model).limits
  const made: number[][] = []
  for (let at = 0; at < texts.length; at += batchSize) {
    const batch = texts.slice(at, at + batchSize)
    const { x, tokens } = packTexts(
      batch.map((text) => [text]),
      positions,
    )
    const data = await (await scorer.predictOnBatch(x)).data()
    for (const [i, { ids, from }] of batch.entries())
      made.push(Array.from({ length: ids.length - from }, (_, t) => Number(data[i * tokens + t])))
  }
  return made
}

/** How well a model predicts texts. */
export interface LanguageScore {
  /** The mean negative log-likelihood of a token, in nats. */
  readonly loss: number
  /** e to the loss. */
  readonly perplexity: number
  /** Tokens that it is a mean over. */
  readonly tokens: number
}

/**
 * How well a causal language model predicts texts that it was not trained on: what alignment is paid with.
 *
 * Texts longer than the model's context are cut into windows that do not overlap; the first token of each is not predicted.
 *
 * @throws ArgumentError for texts of fewer than two tokens all in all, and ids that are none.
 * @example
 * const before = await heldOutLoss(model, texts, { tokenizer })
 */
export async function heldOutLoss(
  model: PretrainedModel,
  texts: readonly TextOrIds[],
  options: LogProbsOptions = {},
): Promise<LanguageScore> {
  const where = 'heldOutLoss'
  checkOptions(where, options, logProbsChecks)
  const { words, positions } = causalPartsOf(where, model).limits
  const read = texts.map((text) => promptIds(where, text, options.tokenizer))
  const windows = read.flatMap((ids) => windowsOf(ids, positions))
  refuseFaults(
    where,
    windows.length === 0
      ? [`${texts.length} texts of ${read.reduce((sum, { length }) => sum + length, 0)} tokens`]
      : read.flatMap((ids, i) => {
          const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= words)
          return wrong === undefined ? [] : [`text ${i} with the id ${String(wrong)}`]
        }),
    { expected: `texts of at least two tokens, ids from 0 to ${words - 1}` },
  )
  const all = (
    await logProbsOfTexts(
      model,
      windows.map((ids) => ({ ids, from: 1 })),
      options.batchSize,
    )
  ).flat()
  const loss = -all.reduce((a, b) => a + b, 0) / all.length
  return { loss, perplexity: Math.exp(loss), tokens: all.length }
}

/** Windows of at most so many tokens; the rest of fewer than two is left out. */
const windowsOf = (ids: TokenIds, most: number): readonly TokenIds[] =>
  Array.from({ length: Math.ceil(ids.length / most) }, (_, i) => ids.slice(i * most, (i + 1) * most)).filter(
    ({ length }) => length > 1,
  )

/**
 * How far a model has gone from a reference: the KL of a token, KL(model ‖ reference), estimated over answers that the model has
 * drawn by e^d − d − 1 with d = log π_ref − log π (Schulman 2020, "k3").
 *
 * @param answers drawn by the model, as `generateIds(model, prompts, { sample: true })` gives them.
 * @throws ArgumentError for a reference with another vocabulary, and as {@link completionLogProbs} does.
 */
export async function klToReference(
  model: PretrainedModel,
  reference: PretrainedModel,
  answers: readonly PromptAndAnswer[],
  options: LogProbsOptions = {},
): Promise<number> {
  const where = 'klToReference'
  checkSameWords(where, causalPartsOf(where, model).limits, causalPartsOf(where, reference).limits)
  const own = (await completionLogProbs(model, answers, options)).flat()
  const other = (await completionLogProbs(reference, answers, options)).flat()
  const away = own.map((value, i) => (other[i] as number) - value)
  return away.reduce((sum, d) => sum + Math.exp(d) - d - 1, 0) / away.length
}
