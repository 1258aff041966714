import { arrowSource } from './arrow-table.node.ts'
import { csvSource } from './csv-source.node.ts'
import { jsonSource } from './json-source.node.ts'
import { parquetSource } from './parquet-source.node.ts'
import type { ReadTableOptions, TableFormat } from './read-options.ts'
import type { Source, TableLimits } from './source.ts'
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

/** A table of files. */
export async function fileTable<Row extends object>(
  paths: string | readonly string[],
  options: ReadTableOptions,
): Promise<Table<Row>> {
  const limits = limitsOf(options)
  const { format, files } = await tableFiles(paths, options.format)
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
