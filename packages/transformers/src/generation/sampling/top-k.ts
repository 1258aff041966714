import type { LogitsProcessor } from '../logits-processor.ts'
import { isCount, need } from './argument.ts'
import { kthLargest } from './selection.ts'

export interface KeepOptions {
  /** How many of the likeliest tokens stay in any case. Default 1. */
  readonly minTokensToKeep?: number
}

/** Rules out each score below a threshold. */
export function dropBelow(logits: Float32Array, threshold: number): void {
  for (let i = 0; i < logits.length; i++)
    if ((logits[i] as number) < threshold) logits[i] = Number.NEGATIVE_INFINITY
}

/**
 * Keeps the k likeliest tokens, and those that are as likely as the last of them (Fan et al. 2018, "Hierarchical Neural
 * Story Generation", https://arxiv.org/abs/1805.04833).
 *
 * @throws ArgumentError for a k that is no whole number from 1.
 */
export function topK(k: number, { minTokensToKeep = 1 }: KeepOptions = {}): LogitsProcessor {
  need('topK', k, 'a whole number from 1', isCount)
  need('topK: minTokensToKeep', minTokensToKeep, 'a whole number from 1', isCount)
  const kept = Math.max(k, minTokensToKeep)
  return {
    process(logits) {
      if (kept < logits.length) dropBelow(logits, kthLargest(logits, kept))
    },
  }
}
