import type { LogitsProcessor } from '../logits-processor.ts'
import { isWhole, need, tokenIds } from './argument.ts'

/**
 * Rules out tokens, always, or only at one place.
 *
 * @param ids tokens that are ruled out.
 * @param options.at the length of the history at which they are; undefined for all lengths.
 * @throws ArgumentError for what is no id.
 */
export function suppressedTokens(
  ids: readonly number[],
  { at }: { readonly at?: number } = {},
): LogitsProcessor {
  tokenIds('suppressedTokens', ids)
  if (at !== undefined) need('suppressedTokens: at', at, 'a whole number from 0', isWhole)
  return {
    process(logits, history) {
      if (at === undefined || history.length === at) ruleOut(logits, ids)
    },
  }
}

/** Sets the scores of tokens to −∞. */
export function ruleOut(logits: Float32Array, ids: readonly number[]): void {
  for (const id of ids) if (id < logits.length) logits[id] = Number.NEGATIVE_INFINITY
}
