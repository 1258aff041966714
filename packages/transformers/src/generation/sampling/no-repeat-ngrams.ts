import type { LogitsProcessor } from '../logits-processor.ts'
import { isCount, need } from './argument.ts'

/**
 * Rules out what would say some n tokens in a row a second time (Paulus et al. 2017, "A Deep Reinforced Model for
 * Abstractive Summarization", https://arxiv.org/abs/1705.04304).
 *
 * @param n from 1; 1 rules out each token that stands in the history.
 * @throws ArgumentError for an n that is no whole number from 1.
 */
export function noRepeatNgrams(n: number): LogitsProcessor {
  need('noRepeatNgrams', n, 'a whole number from 1', isCount)
  return {
    process(logits, history) {
      // The last n − 1 tokens, wherever they stood before, must not be followed by the same again.
      const end = history.length
      const start = end - (n - 1)
      if (start < 0) return
      for (let i = 0; i + n <= end; i++) {
        let same = 0
        while (same < n - 1 && history[i + same] === history[start + same]) same += 1
        const id = history[i + n - 1] as number
        if (same === n - 1 && id < logits.length) logits[id] = Number.NEGATIVE_INFINITY
      }
    },
  }
}
