import type { Cell, Feature, Features } from '../features/feature.ts'
import { Expression, sql, text } from '../tables/expression.ts'
import { quoted } from '../tables/pieces.ts'
import { Table } from '../tables/table.ts'
import type { Plan } from '../tables/table-types.ts'
import { type SampleColumn, sampleColumn } from './sample-column.ts'

/** Rows that are looked at closer, by columns. */
export interface TableSample {
  readonly columns: readonly SampleColumn[]
  readonly rows: number
  /** Rows that are equal to one before them. */
  readonly equal: number
}

/** The column in which a row's hash is; tables cannot have it. */
export const rowHash = 'typegrad hash'

/** What a column is called in a row of a sample that comes with other columns. */
export const sampled = (name: string): string => `typegrad sample ${name}`

/** A number of 64 bits of what a row holds. */
export const hashOf = (columns: readonly string[]): string => `hash(${columns.map(quoted).join(', ')})`

/** Whether a row is drawn: by what it holds, so that equal rows are drawn together. */
export const isDrawn = (share: number): string =>
  share >= 1 ? 'true' : `"${rowHash}" < CAST(${share} * 18446744073709551615.0 AS UBIGINT)`

/** A sample of columns of cells. @param cellsOf by a column's name in the sample. */
export function sampleFrom(
  { columns }: Plan,
  features: Features,
  cellsOf: (name: string) => readonly Cell[],
): TableSample {
  const hashes = cellsOf(rowHash)
  return {
    columns: columns.map((name) => sampleColumn(name, features[name] as Feature, cellsOf(sampled(name)))),
    rows: hashes.length,
    equal: hashes.length - new Set(hashes).size,
  }
}

/** About `most` rows of a table, or all where it has no more. @param rows how many it has. */
export async function drawnFrom(
  plan: Plan,
  features: Features,
  rows: number,
  most: number,
): Promise<TableSample> {
  const listed = plan.columns.map((name) => `${quoted(name)} AS ${quoted(sampled(name))}`).join(', ')
  const query = sql`SELECT ${text(listed)}, "${text(rowHash)}" FROM (SELECT *, ${text(hashOf(plan.columns))} AS "${text(rowHash)}" FROM (${new Expression(plan.query)}) AS t) AS t WHERE ${text(isDrawn(most / rows))}`
  const columns = await new Table<Record<string, Cell>>({
    ...plan,
    query: query.pieces,
    columns: [...plan.columns.map(sampled), rowHash],
  }).columns()
  return sampleFrom(plan, features, (name) => columns[name] ?? [])
}
