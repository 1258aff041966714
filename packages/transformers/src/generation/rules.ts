import type { ChoiceRules } from './continuation.ts'
import type { ContinueOptions } from './continue-options.ts'
import type { GenerationModel } from './decoder.ts'
import { stopIdsOf } from './model-config.ts'

/** How many tokens an answer has where nothing else ends it. */
const defaultTokens = 128

/**
 * What the options say of an answer's choices.
 *
 * @param length how many tokens stand before it.
 * @param context how many there may be in all.
 */
export function rulesOf(
  model: GenerationModel,
  options: ContinueOptions,
  length: number,
  context: number,
): ChoiceRules {
  const { maxLength, processors = [], sample = false, logProbs = false } = options
  const { maxNewTokens = maxLength === undefined ? defaultTokens : maxLength } = options
  const wanted = Math.min(maxNewTokens, Math.max(1, (maxLength ?? Number.POSITIVE_INFINITY) - length))
  const room = context - length
  return {
    stopIds: stopIdsOf(model, options.stopIds),
    processors,
    sample,
    logProbs,
    limit: wanted <= room ? { tokens: wanted, finish: 'length' } : { tokens: room, finish: 'context' },
  }
}

/** A seed: the one that was asked for, or any. */
export const seedOf = (seed: number | undefined): number => seed ?? Math.floor(Math.random() * 2 ** 32)
