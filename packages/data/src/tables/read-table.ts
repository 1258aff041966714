import { ArgumentError, checkOptions } from 'typegrad/core'
import type { DataRow } from '../features/feature.ts'
import { type ReadTableOptions, readChecks } from './read-options.ts'
import type { Table } from './table.ts'
import type { TableSource } from './table-source.ts'

/**
 * Reads a table from CSV, TSV, Parquet, JSON, JSON Lines or Arrow, one file or many, or by SQL over such files and other tables.
 * The files are looked at for columns and types, and read when rows are asked for; they may be larger than memory.
 *
 * Nothing is guessed silently: CSV has one line of names and cells as RFC 4180 says, dates in ISO 8601 and numbers with a point
 * unless the options say otherwise, and its columns have the types of the rows that are looked at (`inferFrom`).
 *
 * SQL can read the files that it was given and nothing else, and it cannot write.
 *
 * @param source a file; a list of files; a folder, with those below it; a pattern (`'logs/2024-*.csv'`); `sql`; or `{ sql, files }`.
 * @throws ArgumentError for what is not there, columns that differ between files, SQL that is no SELECT; FormatError, with file, line
 * and column, for an empty file and, when rows are read, for ragged lines, other encodings, and values that are not of their
 * column's type.
 * @example
 * const people = await readTable<{ name: string; age: number }>('people.csv')
 * const adults = await people.filter(({ age }) => age.gte(18)).rows()
 * const best = await readTable({ sql: 'SELECT zone, avg(fare) AS fare FROM trips GROUP BY ALL', files: 'trips.parquet' })
 */
export async function readTable<Row extends object = DataRow>(
  source: TableSource,
  options: ReadTableOptions = {},
): Promise<Table<Row>> {
  checkOptions('readTable', options, readChecks)
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null))
    throw new ArgumentError({
      where: 'readTable',
      expected: 'a path, a list of paths, sql`…` or { sql, files }',
      received: source === null ? 'null' : typeof source,
    })
  const { openTable } = await import('./open-table.node.ts')
  return openTable<Row>(source, options)
}
