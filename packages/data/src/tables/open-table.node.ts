import { arrowSource } from './arrow-table.node.ts'
import { csvSource } from './csv-source.node.ts'
import { Expression } from './expression.ts'
import { jsonSource } from './json-source.node.ts'
import { parquetSource } from './parquet-source.node.ts'
import type { ReadTableOptions, TableFormat } from './read-options.ts'
import type { TableSource } from './read-table.ts'
import type { Source, TableLimits } from './source.ts'
import { namedTables, sqlTable } from './sql-table.node.ts'
import { Table } from './table.ts'
import { tableFiles } from './table-files.node.ts'

type OpenFormat = (
  files: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
) => Promise<Source & { readonly columns: readonly string[] }>

const formats: Readonly<Record<TableFormat, OpenFormat>> = {
  csv: csvSource,
  parquet: parquetSource,
  json: jsonSource,
  arrow: arrowSource,
}

/** As `readTable` says. */
export async function openTable<Row extends object>(
  source: TableSource,
  options: ReadTableOptions,
): Promise<Table<Row>> {
  const limits = limitsOf(options)
  if (source instanceof Expression) return sqlTable<Row>(source, {}, limits)
  if (typeof source === 'object' && 'sql' in source) {
    const named = await namedTables(source, options)
    return sqlTable<Row>(new Expression([{ kind: 'text', text: String(source.sql) }]), named, limits)
  }
  const { format, files } = await tableFiles(source, options.format)
  const opened = await formats[format](files, options, limits)
  return new Table<Row>({
    query: [{ kind: 'source', source: opened }],
    columns: opened.columns,
    limits,
    isOrdered: true,
  })
}

export const limitsOf = ({ memoryLimit, spillFolder, threads }: ReadTableOptions): TableLimits => ({
  ...(memoryLimit !== undefined && { memoryLimit }),
  ...(spillFolder !== undefined && { spillFolder }),
  ...(threads !== undefined && { threads }),
})
