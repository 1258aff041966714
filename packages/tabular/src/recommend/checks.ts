import type { Category } from '@typegrad/data'
import { ArgumentError, DataError } from 'typegrad/core'

/** @throws ArgumentError for a length of lists that is none. */
export function checkLength(where: string, k: number): void {
  if (Number.isInteger(k) && k >= 1) return
  throw new ArgumentError({ where: `${where}: k`, expected: 'a whole number from 1 on', received: String(k) })
}

/** @throws DataError for a missing user or item. */
export function knownId(id: Category | null, column: string, row: number): Category {
  if (id !== null) return id
  throw new DataError({
    where: `score: column '${column}', row ${row}`,
    expected: 'a user or an item',
    received: 'a missing cell',
  })
}
