import type { LogitsProcessor } from '../logits-processor.ts'
import { isWhole, need, tokenIds } from './argument.ts'
import { ruleOut } from './suppressed-tokens.ts'

/**
 * Rules out the end before the history has a length, prompt included. For a number of new tokens add the prompt's length.
 *
 * @throws ArgumentError for a length that is no whole number from 0, and for what is no id.
 */
export function minimumLength(length: number, endTokens: number | readonly number[]): LogitsProcessor {
  need('minimumLength', length, 'a whole number from 0', isWhole)
  const ends = tokenIds('minimumLength: endTokens', endTokens)
  return {
    process(logits, history) {
      if (history.length < length) ruleOut(logits, ends)
    },
  }
}
