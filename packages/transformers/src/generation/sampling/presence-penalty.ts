import { ArgumentError } from 'typegrad/core'
import type { LogitsProcessor } from '../logits-processor.ts'
import { isWhole, need } from './argument.ts'

export interface PresencePenalties {
  /** Taken once from the score of each token that was generated. Default 0. */
  readonly presence?: number
  /** Taken from a token's score for each time that it was generated. Default 0. */
  readonly frequency?: number
  /** How many tokens at the beginning are the prompt, which does not count. Default 0. */
  readonly promptLength?: number
}

/**
 * Penalties of OpenAI's interface: score − frequency · count − presence · [count > 0], where counts are those of what was
 * generated. Negative ones reward repetition.
 *
 * @throws ArgumentError for penalties that are no finite numbers.
 */
export function presencePenalty({
  presence = 0,
  frequency = 0,
  promptLength = 0,
}: PresencePenalties): LogitsProcessor {
  for (const [name, value] of Object.entries({ presence, frequency }))
    if (!Number.isFinite(value))
      throw new ArgumentError({
        where: `presencePenalty: ${name}`,
        expected: 'a finite number',
        received: String(value),
      })
  need('presencePenalty: promptLength', promptLength, 'a whole number from 0', isWhole)
  return {
    process(logits, history) {
      const counts = new Map<number, number>()
      for (let i = promptLength; i < history.length; i++) {
        const id = history[i] as number
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      for (const [id, count] of counts) {
        const score = logits[id]
        if (score !== undefined) logits[id] = score - frequency * count - presence
      }
    },
  }
}
