import type { LogitsProcessor } from '../logits-processor.ts'
import { isCount, need } from './argument.ts'
import { largest } from './exponential.ts'
import { kthLargest } from './selection.ts'
import { dropBelow, type KeepOptions } from './top-k.ts'

/**
 * Keeps tokens at least so likely as a share of the likeliest one (Nguyen et al. 2024, "Turning Up the Heat: Min-p Sampling
 * for Creative and Coherent LLM Outputs", https://arxiv.org/abs/2407.01082).
 *
 * p ≥ share · p_max is score ≥ score_max + ln share: no probability has to be computed.
 *
 * @param share from 0 to 1.
 * @throws ArgumentError for a share outside of that.
 */
export function minP(share: number, { minTokensToKeep = 1 }: KeepOptions = {}): LogitsProcessor {
  need('minP', share, 'a number from 0 to 1', (x) => x >= 0 && x <= 1)
  need('minP: minTokensToKeep', minTokensToKeep, 'a whole number from 1', isCount)
  const distance = Math.log(share)
  return {
    process(logits) {
      const threshold = largest(logits) + distance
      const kept =
        minTokensToKeep === 1 ? threshold : Math.min(threshold, kthLargest(logits, minTokensToKeep))
      dropBelow(logits, kept)
    },
  }
}
