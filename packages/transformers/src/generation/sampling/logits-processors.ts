import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { LogitsProcessor } from '../logits-processor.ts'
import { badWords } from './bad-words.ts'
import { forcedTokens } from './forced-tokens.ts'
import { minP } from './min-p.ts'
import { minimumLength } from './minimum-length.ts'
import { noRepeatNgrams } from './no-repeat-ngrams.ts'
import { presencePenalty } from './presence-penalty.ts'
import { repetitionPenalty } from './repetition-penalty.ts'
import { suppressedTokens } from './suppressed-tokens.ts'
import { temperature } from './temperature.ts'
import { topK } from './top-k.ts'
import { topP } from './top-p.ts'
import { typical } from './typical.ts'

/** What changes the scores of a sequence, by Hugging Face's names of generation's options. All are off by default. */
export interface LogitsOptions {
  /** Above 0; 1 changes nothing. */
  readonly temperature?: number
  /** How many of the likeliest tokens are kept; 0 for all. */
  readonly topK?: number
  /** The mass of the likeliest tokens that are kept; 1 for all. */
  readonly topP?: number
  /** The share of the likeliest token's probability that tokens need. */
  readonly minP?: number
  /** The mass of the most typical tokens that are kept; 1 for all. */
  readonly typicalP?: number
  /** Above 0; 1 changes nothing. The prompt counts. */
  readonly repetitionPenalty?: number
  /** Taken from the scores of tokens that were generated. */
  readonly presencePenalty?: number
  /** Taken from the scores of tokens for each time that they were generated. */
  readonly frequencyPenalty?: number
  /** How many tokens in a row are not said twice; 0 for no limit. */
  readonly noRepeatNgramSize?: number
  /** Sequences of tokens that are not said. */
  readonly badWordsIds?: readonly (readonly number[])[]
  /** Tokens that are not said. */
  readonly suppressTokens?: readonly number[]
  /** Tokens that are not said first. */
  readonly beginSuppressTokens?: readonly number[]
  /** Least length, the prompt included. */
  readonly minLength?: number
  /** Least number of tokens after the prompt. */
  readonly minNewTokens?: number
  /** The token that a decoder's text begins with, after the one that it starts from. */
  readonly forcedBosTokenId?: number
  /** What stands at the end where the maximum length is reached. */
  readonly forcedEosTokenId?: number | readonly number[]
}

/** Where a sequence stands, and what ends it. */
export interface LogitsContext {
  /** Tokens of the prompt. Default 0. */
  readonly promptLength?: number
  /** What ends a text. Default none. */
  readonly endTokens?: number | readonly number[]
  /** Most tokens, the prompt included, for `forcedEosTokenId`. */
  readonly maxLength?: number
}

const ids = checks.either(checks.wholeFrom(0), checks.list)
export const logitsChecks = optionsOf<LogitsOptions>()({
  temperature: checks.positive,
  topK: checks.wholeFrom(0),
  topP: checks.share,
  minP: checks.share,
  typicalP: checks.share,
  repetitionPenalty: checks.positive,
  presencePenalty: checks.finite,
  frequencyPenalty: checks.finite,
  noRepeatNgramSize: checks.wholeFrom(0),
  badWordsIds: checks.list,
  suppressTokens: checks.list,
  beginSuppressTokens: checks.list,
  minLength: checks.wholeFrom(0),
  minNewTokens: checks.wholeFrom(0),
  forcedBosTokenId: checks.wholeFrom(0),
  forcedEosTokenId: ids,
})

/**
 * The processors that options ask for, in the order of Hugging Face's `generate`: penalties, what is ruled out, what is
 * forced, then temperature and the ways to keep the likeliest tokens. Penalties by presence and frequency, which Hugging
 * Face has not, follow that for repetition.
 *
 * @throws ArgumentError for options that are none, or whose values are out of range.
 * @example
 * const processors = logitsProcessors({ temperature: 0.7, topP: 0.9 })
 * const logits = Float32Array.of(1, 2, 3)
 * for (const processor of processors) processor.process(logits, [0, 2])
 */
export function logitsProcessors(
  options: LogitsOptions,
  { promptLength = 0, endTokens = [], maxLength }: LogitsContext = {},
): LogitsProcessor[] {
  checkOptions('logitsProcessors', options, logitsChecks)
  const made: LogitsProcessor[] = []
  const { repetitionPenalty: repetition, noRepeatNgramSize: ngram, minP: share } = options
  if (repetition !== undefined && repetition !== 1) made.push(repetitionPenalty(repetition))
  const { presencePenalty: presence = 0, frequencyPenalty: frequency = 0 } = options
  if (presence !== 0 || frequency !== 0) made.push(presencePenalty({ presence, frequency, promptLength }))
  if (ngram !== undefined && ngram > 0) made.push(noRepeatNgrams(ngram))
  if (options.badWordsIds !== undefined) made.push(badWords(options.badWordsIds, { endTokens }))
  const { minLength = 0, minNewTokens = 0 } = options
  const least = Math.max(minLength, minNewTokens > 0 ? promptLength + minNewTokens : 0)
  if (least > 0) made.push(minimumLength(least, endTokens))
  if (options.forcedBosTokenId !== undefined) made.push(forcedTokens(options.forcedBosTokenId, 1))
  if (options.forcedEosTokenId !== undefined && maxLength !== undefined)
    made.push(forcedTokens(options.forcedEosTokenId, maxLength - 1))
  if (options.suppressTokens !== undefined) made.push(suppressedTokens(options.suppressTokens))
  if (options.beginSuppressTokens !== undefined) {
    // After a forced first token the free ones begin one later.
    const at = promptLength > 1 || options.forcedBosTokenId === undefined ? promptLength : promptLength + 1
    made.push(suppressedTokens(options.beginSuppressTokens, { at }))
  }
  const { temperature: heat, topK: k, topP: p, typicalP } = options
  if (heat !== undefined && heat !== 1) made.push(temperature(heat))
  if (k !== undefined && k > 0) made.push(topK(k))
  if (p !== undefined && p < 1) made.push(topP(p))
  if (share !== undefined) made.push(minP(share))
  if (typicalP !== undefined && typicalP < 1) made.push(typical(typicalP))
  return made
}
