import type { Category, FittedRecipe, Frame, RowSource } from '@typegrad/data'
import { DataError } from 'typegrad/core'
import { columnRoles } from '../../features/column-roles.ts'
import { checkColumn, frameOf } from '../../features/frame-of.ts'
import { linearRecipe } from '../../features/recipes.ts'
import type { Catalogue } from './catalogue.ts'
import type { FeatureRows } from './feature-rows.ts'

/** Features as a table has them. */
export interface FeatureTable {
  readonly ids: readonly Category[]
  readonly frame: Frame
  readonly column: string
}

/**
 * Reads a table with a row for each user, or for each item.
 *
 * @throws ArgumentError for a table without the column that says whose they are; DataError for rows of none, two rows of one, and a table
 * with no column beside.
 */
export async function readFeatureTable(
  source: string | RowSource,
  column: string,
  option: string,
): Promise<FeatureTable> {
  const where = `recommend: ${option}`
  const frame = await frameOf(source)
  checkColumn(frame, where, column)
  const cells = frame.categories(column, where)
  const ids = cells.map((id, row) => {
    if (id !== null) return id
    throw new DataError({
      where: `${where}: column '${column}', row ${row}`,
      expected: 'whose features they are',
      received: 'a missing cell',
    })
  })
  const seen = new Map<Category, number>()
  for (const [row, id] of ids.entries()) {
    const before = seen.get(id)
    if (before !== undefined)
      throw new DataError({
        where: `${where}: column '${column}'`,
        expected: 'one row for each',
        received: `${JSON.stringify(id)} in the rows ${before} and ${row}`,
      })
    seen.set(id, row)
  }
  return { ids, frame, column }
}

/** Features as numbers, and what makes them of rows that come. */
export interface FittedFeatures {
  readonly recipe: FittedRecipe
  readonly rows: FeatureRows
}

/** A row of numbers for each of a catalogue; of those that the table lacks it is 0, which is the mean. */
export async function fitFeatures(
  { ids, frame, column }: FeatureTable,
  catalogue: Catalogue,
): Promise<FittedFeatures> {
  const features = frame.without([column])
  const roles = columnRoles(features, [])
  const used = new Set([...roles.numbers, ...roles.categories, ...roles.dates, ...roles.texts])
  const kept = features.without(features.names.filter((name) => !used.has(name)))
  const { fitted, frame: made } = await linearRecipe(roles).fitTransform(kept)
  const width = made.names.length
  const values = new Float32Array(catalogue.length * width)
  const places = catalogue.placesOf(ids)
  for (const [row, numbers] of rowsOf(made).entries()) values.set(numbers, (places[row] as number) * width)
  return { recipe: fitted, rows: { count: catalogue.length, width, values } }
}

/** Rows of numbers. */
export function rowsOf(frame: Frame): Float32Array[] {
  const columns = frame.names.map((name) => frame.complete(name))
  return Array.from({ length: frame.length }, (_, row) =>
    Float32Array.from(columns, (column) => column[row] as number),
  )
}
