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

/**
 * How many heads each block of a decoder lacks: as many of each, since its cache keeps as many keys of each.
 *
 * @throws FormatError for blocks that lack different numbers.
 */
export function evenlyRemovedHeadsOf(config: ConfigReader, blocks: number): number {
  const removed = removedHeadsOf(config)
  const counts = Array.from({ length: blocks }, (_, block) => removed.get(block) ?? 0)
  if (new Set(counts).size <= 1) return counts[0] ?? 0
  throw new FormatError({
    where: config.at('pruned_heads'),
    expected: 'as many heads of each block',
    received: counts.join(', '),
  })
}
