import { readFileSync } from 'node:fs'
import type { TreeColumn } from '../trees/bins.ts'
import type { BoostOptions } from '../trees/boost-options.ts'
import type { TreeLossName } from '../trees/losses.ts'

type Cells = readonly (number | null | 'inf' | '-inf')[]

/** A training of scikit-learn's. */
export interface TreeCase {
  readonly name: string
  readonly target: string
  readonly loss: TreeLossName
  readonly options: BoostOptions
  readonly columns: readonly number[]
  readonly rows: number
  readonly categorical: boolean
  readonly validation: boolean
  readonly scores: Readonly<Record<'new' | 'training', readonly Cells[]>>
  readonly predictions: Readonly<Record<'new' | 'training', readonly Cells[]>>
  /** Leaves of each tree. */
  readonly leaves: readonly number[]
  readonly losses?: Cells
}

interface TreeGolden {
  readonly x: readonly Cells[]
  readonly new: readonly Cells[]
  readonly categories: readonly (number | null)[]
  readonly targets: Readonly<Record<string, Cells>>
  readonly cases: readonly TreeCase[]
}

/** tools/golden/make_trees.py: tables, and what scikit-learn's HistGradientBoosting makes of them. */
const golden: TreeGolden = JSON.parse(
  readFileSync(new URL('../../golden/trees.json', import.meta.url), 'utf8'),
)

export const treeCases = golden.cases

const special = { inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY } as const

export const numbersOf = (cells: Cells): Float64Array =>
  Float64Array.from(cells, (cell) =>
    cell === null ? Number.NaN : typeof cell === 'string' ? special[cell] : cell,
  )

/** The columns of a case, of rows that it trains on or of new ones. */
export const columnsOf = (
  { columns, categorical }: TreeCase,
  from: 'x' | 'new',
  start = 0,
  end?: number,
): TreeColumn[] =>
  columns.map((column) => {
    const values = numbersOf((golden[from][column] as Cells).slice(start, end))
    const categories = golden.categories[column]
    return categorical && categories != null ? { values, categories } : { values }
  })

export const targetsOf = ({ target }: TreeCase, start = 0, end?: number): Float64Array =>
  numbersOf((golden.targets[target] as Cells).slice(start, end))
