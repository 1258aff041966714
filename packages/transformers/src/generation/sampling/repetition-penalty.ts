import type { LogitsProcessor } from '../logits-processor.ts'
import { isWhole, need } from './argument.ts'

/**
 * Makes what was said less likely: positive scores are divided by the penalty, negative ones multiplied with it (Keskar et
 * al. 2019, "CTRL", https://arxiv.org/abs/1909.05858).
 *
 * @param penalty above 0; 1 changes nothing, less than 1 rewards.
 * @param options.ignoredPrompt how many tokens at the beginning do not count. Default 0: the prompt counts.
 * @throws ArgumentError for a penalty that is not above 0.
 */
export function repetitionPenalty(
  penalty: number,
  { ignoredPrompt = 0 }: { readonly ignoredPrompt?: number } = {},
): LogitsProcessor {
  need('repetitionPenalty', penalty, 'a finite number above 0', (x) => x > 0 && Number.isFinite(x))
  need('repetitionPenalty: ignoredPrompt', ignoredPrompt, 'a whole number from 0', isWhole)
  return {
    process(logits, history) {
      for (const id of new Set(history.slice(ignoredPrompt))) {
        const score = logits[id]
        // A vocabulary may be larger than what a network can score.
        if (score !== undefined) logits[id] = score < 0 ? score * penalty : score / penalty
      }
    },
  }
}
