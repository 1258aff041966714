import type { Frame } from '@typegrad/data'
import type { ColumnRoles } from './column-roles.ts'

/** What a column held in training, for what comes to be held against. */
export interface ColumnMemory {
  readonly column: string
  /** The share of cells that were missing. */
  readonly missing: number
  /** Least and greatest number. */
  readonly range?: readonly [least: number, greatest: number]
  /** Categories that came, unless they were too many to keep. */
  readonly categories?: readonly string[]
}

/** How a column of rows that are predicted differs from what was trained on. */
export interface ColumnDrift {
  readonly column: string
  readonly kind: 'newCategories' | 'outOfRange' | 'missing'
  /** The share of the rows. */
  readonly share: number
  /** A sentence with the numbers. */
  readonly message: string
}

const mostKept = 1000
/** So many more cells are missing than in training. */
const missingGap = 0.2
/** Rows of which a share says something. */
const leastRows = 20

/** Remembers the columns that are used. */
export const remember = (frame: Frame, { numbers, categories }: ColumnRoles): ColumnMemory[] => [
  ...numbers.map((column): ColumnMemory => {
    const values = frame.values(column)
    let [least, greatest, missing] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
    for (const value of values) {
      if (Number.isNaN(value)) missing += 1
      else [least, greatest] = [Math.min(least, value), Math.max(greatest, value)]
    }
    return { column, missing: missing / frame.length, range: [least, greatest] }
  }),
  ...categories.map((column): ColumnMemory => {
    const cells = frame.cells(column)
    const kept = [...new Set(cells.filter((cell) => cell !== null).map(String))]
    return {
      column,
      missing: cells.filter((cell) => cell === null).length / frame.length,
      ...(kept.length <= mostKept && { categories: kept }),
    }
  }),
]

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/** How rows differ from those that were trained on: new categories, numbers beyond the range, more gaps. */
export function driftFrom(memories: readonly ColumnMemory[], frame: Frame): ColumnDrift[] {
  return memories.flatMap(({ column, missing, range, categories }): ColumnDrift[] => {
    const cells = frame.cells(column)
    const found: ColumnDrift[] = []
    const known = categories && new Set(categories)
    const strange = cells.filter((cell) => {
      if (cell === null) return false
      if (known !== undefined) return !known.has(String(cell))
      return range !== undefined && ((cell as number) < range[0] || (cell as number) > range[1])
    })
    const share = strange.length / frame.length
    if (strange.length > 0)
      found.push(
        range === undefined
          ? {
              column,
              kind: 'newCategories',
              share,
              message: `${column} has values that training did not have, in ${percent(share)} of the rows: ${[...new Set(strange.map(String))].slice(0, 5).join(', ')}.`,
            }
          : {
              column,
              kind: 'outOfRange',
              share,
              message: `${column} is beyond ${range[0]} and ${range[1]}, its range in training, in ${percent(share)} of the rows.`,
            },
      )
    const gaps = cells.filter((cell) => cell === null).length / frame.length
    if (frame.length >= leastRows && gaps > missing + missingGap)
      found.push({
        column,
        kind: 'missing',
        share: gaps,
        message: `${column} is missing in ${percent(gaps)} of the rows, and was in ${percent(missing)} in training.`,
      })
    return found
  })
}
