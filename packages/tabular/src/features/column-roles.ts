/**
 * `features/`: what columns of a table are good for, and the recipes of `@typegrad/data` that make numbers of them. It knows frames and
 * recipes, and nothing of targets and models.
 */
import type { Column, Frame } from '@typegrad/data'
import { DataError } from 'typegrad/core'
import { type DropReason, dropReasons } from './drop-reasons.ts'

/** A column that no model is given, and why. */
export interface DroppedColumn {
  readonly column: string
  readonly why: DropReason
  /** The same as words behind the column's name. */
  readonly reason: string
}

/** What each column is used as. */
export interface ColumnRoles {
  readonly numbers: readonly string[]
  /** Texts and truth values that come again. */
  readonly categories: readonly string[]
  readonly dates: readonly string[]
  /** Texts of words. */
  readonly texts: readonly string[]
  readonly dropped: readonly DroppedColumn[]
}

/** Texts with fewer words than this on average are names of something. */
const leastWords = 3
/** So large a share of different texts is one of names or numbers of orders. */
const identifierShare = 0.9

type Role = Exclude<keyof ColumnRoles, 'dropped'>

/**
 * What the columns are used as, by what they hold in these rows.
 *
 * @param ignored columns that are left out without a word, such as the target.
 * @throws DataError where no column is left.
 */
export function columnRoles(frame: Frame, ignored: readonly string[]): ColumnRoles {
  const roles = { numbers: [], categories: [], dates: [], texts: [] } as Record<Role, string[]>
  const dropped: DroppedColumn[] = []
  for (const [name, column] of frame.columns) {
    if (ignored.includes(name)) continue
    const found = roleOf(column)
    if (typeof found === 'string') roles[found].push(name)
    else dropped.push({ column: name, why: found.why, reason: dropReasons.en[found.why] })
  }
  if (frame.names.length > dropped.length + ignored.length) return { ...roles, dropped }
  throw new DataError({
    where: 'features',
    expected: 'a column that says something',
    received: dropped.map(({ column, reason }) => `'${column}', which ${reason}`).join('; ') || 'none',
  })
}

function roleOf({ type, values }: Column): Role | { readonly why: DropReason } {
  if (type === 'empty') return { why: 'empty' }
  if (type === 'other') return { why: 'nested' }
  const known = Array.from<unknown>(values).filter((cell) => cell !== null && !Number.isNaN(cell))
  const distinct = new Set(known).size
  if (distinct < 2) return { why: 'constant' }
  if (type === 'number') return 'numbers'
  if (type === 'date') return 'dates'
  if (type !== 'text') return 'categories'
  if (distinct <= known.length / 2) return 'categories'
  const words = known.reduce<number>((sum, cell) => sum + (cell as string).trim().split(/\s+/).length, 0)
  if (words >= leastWords * known.length) return 'texts'
  return distinct > identifierShare * known.length ? { why: 'identifier' } : 'categories'
}
