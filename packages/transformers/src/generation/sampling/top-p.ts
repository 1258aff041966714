import type { LogitsProcessor } from '../logits-processor.ts'
import { isCount, need } from './argument.ts'
import { exponentials } from './exponential.ts'
import { kthLargest, walkUp } from './selection.ts'
import { dropBelow, type KeepOptions } from './top-k.ts'

/**
 * Keeps the fewest likeliest tokens whose probabilities add up to p or more (nucleus sampling: Holtzman et al. 2020, "The
 * Curious Case of Neural Text Degeneration", https://arxiv.org/abs/1904.09751).
 *
 * Of tokens that are equally likely those with the lowest ids go first.
 *
 * @param p from 0 to 1; 1 keeps all.
 * @throws ArgumentError for a p outside of that.
 */
export function topP(p: number, { minTokensToKeep = 1 }: KeepOptions = {}): LogitsProcessor {
  need('topP', p, 'a number from 0 to 1', (x) => x >= 0 && x <= 1)
  need('topP: minTokensToKeep', minTokensToKeep, 'a whole number from 1', isCount)
  // In float32, in which Hugging Face compares: a tenth is then no less than each of ten equal probabilities.
  const dropped = Math.fround(1 - p)
  return {
    process(logits) {
      const { masses, sum } = exponentials(logits)
      const most = dropped * sum
      const { value, below, equal } = walkUp(logits, masses, (cumulative) => cumulative > most)
      // What has to be kept is kept whatever its probability.
      const kept = minTokensToKeep === 1 ? value : kthLargest(logits, minTokensToKeep)
      if (kept < value) return keepHighest(logits, kept, minTokensToKeep)
      dropBelow(logits, value)
      if (equal === 1) return
      const first = logits.indexOf(value)
      const dropping = Math.min(Math.floor((most - below) / (masses[first] as number)), equal - 1)
      const above = logits.reduce((count, score) => (score > value ? count + 1 : count), 0)
      keepHighest(logits, value, Math.max(above + equal - dropping, minTokensToKeep))
    },
  }
}

/** Keeps so many of the likeliest; of those that are as likely as the last one, those with the highest ids. */
function keepHighest(logits: Float32Array, threshold: number, count: number): void {
  let left = count
  for (let i = 0; i < logits.length; i++) if ((logits[i] as number) > threshold) left -= 1
  for (let i = logits.length - 1; i >= 0; i--) {
    const score = logits[i] as number
    if (score > threshold) continue
    if (score === threshold && left > 0) left -= 1
    else logits[i] = Number.NEGATIVE_INFINITY
  }
}
