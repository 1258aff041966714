import type { LogitsProcessor } from '../generation/logits-processor.ts'

export interface TimestampRules {
  /** The id of the time 0; all from it on are times. */
  readonly firstTime: number
  /** Ends a text. Words have smaller ids. */
  readonly endToken: number
  /** How many tokens stand in front of what is heard. */
  readonly promptLength: number
  /** The latest time that a text may begin with, as a number of steps. Default: any. */
  readonly latestStart?: number | undefined
}

/**
 * Times of Whisper: a text begins with one; behind words comes one time or two, the end of what was said and the beginning of
 * what follows; they do not go back; and where times together are likelier than any one word, a time it is.
 *
 * Radford et al. 2022, "Robust speech recognition via large-scale weak supervision", https://arxiv.org/abs/2212.04356,
 * appendix; as `WhisperTimeStampLogitsProcessor` of Hugging Face has it.
 */
export function timestampRules({
  firstTime,
  endToken,
  promptLength,
  latestStart,
}: TimestampRules): LogitsProcessor {
  const isTime = (id: number | undefined): boolean => id !== undefined && id >= firstTime
  return {
    process(logits, history) {
      const forbid = (from: number, to: number) => logits.fill(Number.NEGATIVE_INFINITY, from, to)
      // The token in front of the first time says that there are none.
      forbid(firstTime - 1, firstTime)
      const written = history.slice(promptLength)
      if (written.length === 0) {
        forbid(0, firstTime)
        if (latestStart !== undefined) forbid(firstTime + latestStart + 1, logits.length)
      }
      const afterTime = isTime(written.at(-1))
      const afterTwo = afterTime && (written.length < 2 || isTime(written.at(-2)))
      if (afterTwo) forbid(firstTime, logits.length)
      else if (afterTime) forbid(0, endToken)
      const last = written.findLast(isTime)
      // The beginning of what follows may be the end of what was said; no text is without length.
      if (last !== undefined) forbid(firstTime, afterTime && !afterTwo ? last : last + 1)
      if (timesAreLikelier(logits, firstTime)) forbid(0, firstTime)
    },
  }
}

/** Whether Σ exp x over all times is more than exp x of any word. */
function timesAreLikelier(logits: Float32Array, firstTime: number): boolean {
  const largest = (x: Float32Array) => x.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const [words, times] = [logits.subarray(0, firstTime), logits.subarray(firstTime)]
  const most = largest(times)
  if (most === Number.NEGATIVE_INFINITY) return false
  return most + Math.log(times.reduce((sum, x) => sum + Math.exp(x - most), 0)) > largest(words)
}
