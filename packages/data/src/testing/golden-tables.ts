import { readFileSync } from 'node:fs'

/** tools/golden/make_tables.py: rows, and what pandas, NumPy, SciPy and scikit-learn make of them. */
export const golden = JSON.parse(readFileSync(new URL('../../golden/tables.json', import.meta.url), 'utf8'))

export interface Row {
  readonly id: number
  readonly kind: string | null
  readonly x: number | null
  readonly y: number
  readonly group: number
  readonly flag: boolean
}

const rowsOf = (cells: readonly (readonly unknown[])[]): Row[] =>
  cells.map((row) =>
    Object.fromEntries(golden.columns.map((name: string, i: number) => [name, row[i]])),
  ) as Row[]

export const [rows, others] = [rowsOf(golden.rows), rowsOf(golden.others)]
