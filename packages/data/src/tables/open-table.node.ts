import { Expression } from './expression.ts'
import { fileTable, limitsOf } from './file-table.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import { namedTables, sqlTable } from './sql-table.node.ts'
import type { Table } from './table.ts'
import type { TableSource } from './table-source.ts'

/** As `readTable` says. */
export async function openTable<Row extends object>(
  source: TableSource,
  options: ReadTableOptions,
): Promise<Table<Row>> {
  const limits = limitsOf(options)
  if (source instanceof Expression) return sqlTable<Row>(source, {}, limits)
  if (typeof source === 'string' || !('sql' in source)) return fileTable<Row>(source, options)
  const named = await namedTables(source, options)
  return sqlTable<Row>(new Expression([{ kind: 'text', text: String(source.sql) }]), named, limits)
}
