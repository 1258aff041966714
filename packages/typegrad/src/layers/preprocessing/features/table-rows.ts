import { describe } from '../../../base/describe.ts'
import { ArgumentError, DataError } from '../../../base/errors.ts'
import { Tensor } from '../../../tensor/tensor.ts'

/** Values of a column: one, several, or several as rows of one each. */
export type FeatureValues = string | number | bigint | Tensor | ArrayBufferView | readonly unknown[]

/** Columns by the names of features, of one row or of several; or rows. */
export type FeatureRows =
  | Readonly<Record<string, FeatureValues>>
  | readonly Readonly<Record<string, unknown>>[]

/** Columns of [batch, 1] each. */
export interface FeatureColumns {
  readonly columns: ReadonlyMap<string, readonly unknown[]>
  /** Whether it was one row, without a batch. */
  readonly isRow: boolean
}

const isColumns = (rows: unknown): rows is Readonly<Record<string, FeatureValues>> =>
  typeof rows === 'object' && rows !== null && !Array.isArray(rows) && !(rows instanceof Tensor)

/**
 * The columns of some names; what else there is stays aside.
 *
 * @throws ArgumentError for what is no table; DataError for a column that lacks, and for columns of different lengths.
 */
export async function columnsOf(
  where: string,
  rows: unknown,
  names: readonly string[],
): Promise<FeatureColumns> {
  if (Array.isArray(rows) && rows.length > 0 && rows.every(isColumns)) {
    const columns = names.map((name): [string, unknown[]] => [
      name,
      rows.map((row, i) => [valueIn(`${where}: row ${i}`, row, name)]),
    ])
    return { columns: new Map(columns), isRow: false }
  }
  if (!isColumns(rows)) {
    throw new ArgumentError({
      where,
      expected: `columns by name ({ ${names.map((name) => `${name}: […]`).join(', ')} }), or an array of rows`,
      received: describe(rows),
    })
  }
  const columns = new Map<string, readonly unknown[]>()
  let isRow = false
  for (const name of names) {
    const value = valueIn(where, rows, name)
    const plain = value instanceof Tensor ? await value.toArray() : value
    if (typeof plain === 'object') {
      const list = Array.from<unknown>(plain as readonly unknown[])
      columns.set(name, Array.isArray(list[0]) ? list : list.map((one) => [one]))
    } else {
      columns.set(name, [[plain]])
      isRow = true
    }
  }
  const [first, ...others] = [...columns]
  const odd = others.find(([, column]) => column.length !== first?.[1].length)
  if (odd === undefined) return { columns, isRow }
  throw new DataError({
    where: `${where}: ${odd[0]}`,
    expected: `${first?.[1].length} values, as of '${first?.[0]}'`,
    received: `${odd[1].length}`,
  })
}

function valueIn(where: string, row: Readonly<Record<string, unknown>>, name: string): NonNullable<unknown> {
  const value = row[name]
  if (value !== undefined && value !== null) return value
  throw new DataError({
    where,
    expected: `a value of '${name}'`,
    received: name in row ? String(value) : `${Object.keys(row).join(', ') || 'nothing'} alone`,
    fix: 'Fill in what is missing before, or leave the feature out.',
  })
}
