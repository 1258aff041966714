import type { LogitsProcessor } from '../logits-processor.ts'
import { need } from './argument.ts'

/**
 * Divides all scores: below 1 likely tokens become likelier, above 1 all become more alike.
 *
 * @param value above 0. (Greedy choice is no temperature but `greedy`.)
 * @throws ArgumentError for what is not above 0.
 */
export function temperature(value: number): LogitsProcessor {
  need('temperature', value, 'a finite number above 0', (x) => x > 0 && Number.isFinite(x))
  return {
    process(logits) {
      for (let i = 0; i < logits.length; i++) logits[i] = (logits[i] as number) / value
    },
  }
}
