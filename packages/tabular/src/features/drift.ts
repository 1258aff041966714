import type { Column, Frame } from '@typegrad/data'
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

/** What cells of a column are that were not so in training. */
interface Strange {
  readonly cells: number
  readonly missing: number
  /** Some of the new categories. */
  readonly named: ReadonlySet<string>
}

/** New categories that a message names. */
const mostNamed = 5

/** Looks at each cell once: there may be many rows. */
function strangeIn(column: Column, { range, categories }: ColumnMemory): Strange {
  const named = new Set<string>()
  let [cells, missing] = [0, 0]
  if (column.type === 'number' || column.type === 'date') {
    const [least, greatest] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (const value of column.values) {
      if (Number.isNaN(value)) missing += 1
      else if (value < least || value > greatest) cells += 1
    }
    return { cells, missing, named }
  }
  const known = categories && new Set<unknown>(categories)
  for (const cell of column.values) {
    if (cell === null) missing += 1
    else if (known !== undefined && !known.has(String(cell))) {
      cells += 1
      if (named.size < mostNamed) named.add(String(cell))
    }
  }
  return { cells, missing, named }
}

/** How rows differ from those that were trained on: new categories, numbers beyond the range, more gaps. */
export function driftFrom(memories: readonly ColumnMemory[], frame: Frame): ColumnDrift[] {
  return memories.flatMap((memory): ColumnDrift[] => {
    const { column, missing, range } = memory
    const strange = strangeIn(frame.column(column), memory)
    const found: ColumnDrift[] = []
    const share = strange.cells / frame.length
    if (strange.cells > 0)
      found.push(
        range === undefined
          ? {
              column,
              kind: 'newCategories',
              share,
              message: `${column} has values that training did not have, in ${percent(share)} of the rows: ${[...strange.named].join(', ')}.`,
            }
          : {
              column,
              kind: 'outOfRange',
              share,
              message: `${column} is beyond ${range[0]} and ${range[1]}, its range in training, in ${percent(share)} of the rows.`,
            },
      )
    const gaps = strange.missing / frame.length
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
