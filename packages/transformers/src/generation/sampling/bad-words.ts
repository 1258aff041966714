import { ArgumentError } from 'typegrad/core'
import type { LogitsProcessor } from '../logits-processor.ts'
import { tokenIds } from './argument.ts'

/**
 * Rules out sequences of tokens: the last of them, where the others came just before.
 *
 * @param words sequences of ids, each of at least one.
 * @param options.endTokens ids that are never ruled out by a sequence of that one id. Default none.
 * @throws ArgumentError for an empty sequence and for what is no id.
 */
export function badWords(
  words: readonly (readonly number[])[],
  { endTokens = [] }: { readonly endTokens?: number | readonly number[] } = {},
): LogitsProcessor {
  const ends = tokenIds('badWords: endTokens', endTokens)
  for (const word of words) {
    tokenIds('badWords', word)
    if (word.length === 0)
      throw new ArgumentError({
        where: 'badWords',
        expected: 'sequences of at least one token',
        received: 'an empty one',
      })
  }
  const banned = words.filter((word) => word.length > 1 || !ends.includes(word[0] as number))
  return {
    process(logits, history) {
      for (const word of banned) {
        const before = word.length - 1
        const start = history.length - before
        if (start < 0 || !word.slice(0, before).every((id, i) => history[start + i] === id)) continue
        const last = word[before] as number
        if (last < logits.length) logits[last] = Number.NEGATIVE_INFINITY
      }
    },
  }
}
