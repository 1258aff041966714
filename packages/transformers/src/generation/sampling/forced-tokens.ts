import type { LogitsProcessor } from '../logits-processor.ts'
import { isWhole, need, tokenIds } from './argument.ts'

/**
 * Leaves one token, or several, when the history has a length: the first token that a decoder writes (length 1, after the
 * token that it starts from), or the end where a maximum length is reached (the maximum less 1).
 *
 * @throws ArgumentError for a length that is no whole number from 0, and for what is no id.
 */
export function forcedTokens(ids: number | readonly number[], at: number): LogitsProcessor {
  const left = tokenIds('forcedTokens', ids)
  need('forcedTokens: at', at, 'a whole number from 0', isWhole)
  return {
    process(logits, history) {
      if (history.length !== at) return
      logits.fill(Number.NEGATIVE_INFINITY)
      for (const id of left) if (id < logits.length) logits[id] = 0
    },
  }
}
