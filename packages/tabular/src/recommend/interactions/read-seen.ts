import { FormatError } from 'typegrad/core'
import { readArray } from '../../saving/saved.ts'
import type { Grouped } from './interactions.ts'

/** What users took. @throws FormatError for what is damaged. */
export function readSeen(saved: unknown, users: number, items: number): Grouped {
  const starts = readArray(saved, 'starts', Uint32Array)
  const others = readArray(saved, 'items', Int32Array)
  const isWhole =
    starts.length === users + 1 &&
    starts[users] === others.length &&
    others.every((item) => item >= 0 && item < items)
  if (isWhole) return { starts, others, ratings: new Float64Array(0) }
  throw new FormatError({
    where: 'recommender: seen',
    expected: `what ${users} users took of ${items} items`,
    received: `${starts.length - 1} users and ${others.length} places`,
    fix: 'The file is damaged: restore it from a copy, or train the model again.',
  })
}
