import { FormatError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'

/**
 * How many heads each block lacks: Hugging Face's `pruned_heads`, which lists of each block the heads that were removed from
 * it, `{ "0": [1, 4] }`. The weights of the others follow each other in the file.
 *
 * @throws FormatError for an entry that is no such table.
 */
export function removedHeadsOf(config: ConfigReader): ReadonlyMap<number, number> {
  const removed = Object.entries(config.within('pruned_heads')?.raw ?? {})
  return new Map(
    removed.map(([block, heads]) => {
      if (/^\d+$/.test(block) && Array.isArray(heads)) return [Number(block), new Set(heads).size]
      throw new FormatError({
        where: config.at('pruned_heads'),
        expected: 'lists of heads by the number of their block',
        received: JSON.stringify({ [block]: heads }),
      })
    }),
  )
}
