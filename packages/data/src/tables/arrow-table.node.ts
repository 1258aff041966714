import {
  type Table as ArrowTable,
  binary,
  bool,
  columnFromArray,
  type DataType,
  dateDay,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  list,
  struct,
  TimeUnit,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from '@uwdata/flechette'
import { FormatError } from 'typegrad/core'
import { featuresOfArrow } from '../features/arrow-features.ts'
import { decoderOf } from '../features/decode.ts'
import type { Cell, DataRow, Feature, Features } from '../features/feature.ts'
import { feature } from '../features/feature.ts'
import { arrow } from '../files/arrow.node.ts'
import { decodedRows } from '../files/data-file.ts'
import { noColumn } from './duckdb-errors.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { ColumnBatch, LoadedSource } from './source.ts'
import { checkNames, unitedColumns } from './union.ts'
import { unitedFeatures } from './united-features.ts'

const plain: Readonly<Record<string, () => DataType>> = {
  bool,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  binary,
  string: utf8,
  date32: dateDay,
  'timestamp[s]': () => timestamp(TimeUnit.MILLISECOND),
  'timestamp[ms]': () => timestamp(TimeUnit.MILLISECOND),
  'timestamp[us]': () => timestamp(TimeUnit.MICROSECOND),
  'timestamp[ns]': () => timestamp(TimeUnit.MICROSECOND),
  'timestamp[us, tz=UTC]': () => timestamp(TimeUnit.MICROSECOND, 'UTC'),
  // Counts, as rows have them.
  'time64[us]': int64,
  'time64[ns]': int64,
}

function arrowType(of: Feature): DataType {
  if (of.kind === 'list') return list(arrowType(of.items))
  if (of.kind === 'struct')
    return struct(
      Object.fromEntries(Object.entries(of.fields).map(([name, field]) => [name, arrowType(field)])),
    )
  if (of.kind !== 'value') return utf8()
  if (of.dtype.startsWith('decimal')) return float64()
  return (plain[of.dtype] ?? utf8)()
}

/** Columns as a table of Arrow. */
export function arrowTableOf(
  features: Features,
  columns: Readonly<Record<string, readonly Cell[]>>,
): ArrowTable {
  return tableFromColumns(
    Object.entries(features).map(([name, of]) => {
      const values = columns[name] ?? []
      const isText = of.kind === 'value' && plain[of.dtype] === undefined && !of.dtype.startsWith('decimal')
      const given = isText ? values.map((value) => (value === null ? null : String(value))) : values
      return [name, columnFromArray(given as unknown[], arrowType(of))] as const
    }),
  )
}

/** Arrow in memory as a source. */
export function loadedArrow(given: Uint8Array | ArrowTable): Pick<LoadedSource, 'features' | 'batches'> {
  let table: ArrowTable
  try {
    // A table may have been made with values in other forms than are read here.
    const bytes = given instanceof Uint8Array ? given : tableToIPC(given, { format: 'stream' })
    table = tableFromIPC(bytes as Uint8Array, { useBigInt: true, useDate: true })
  } catch (cause) {
    throw new FormatError(
      { where: 'tableFrom', expected: 'a whole stream or file of Arrow', received: (cause as Error).message },
      { cause },
    )
  }
  const features = featuresOfArrow(table.schema, 'tableFrom')
  return {
    features,
    batches: () => [
      {
        rows: table.numRows,
        columns: Object.entries(features).map(([name, of]) =>
          Array.from(table.getChild(name)?.toArray() ?? [], decoderOf(of)),
        ),
      },
    ],
  }
}

let opened = 0

/** Files of Arrow as a source: DuckDB does not read them, so that they are put into it a batch at a time before the first query. */
export async function arrowSource(
  files: readonly string[],
  { types = {}, unionByName = false }: ReadTableOptions,
): Promise<LoadedSource & { readonly columns: readonly string[] }> {
  const all = await Promise.all(
    files.map(async (file) => {
      const { features = {}, rows } = await arrow.open(file, {})
      checkNames(file, Object.keys(features), 'Rename one of them.')
      return { file, features, columns: Object.keys(features), rows }
    }),
  )
  const columns = unitedColumns(all, unionByName)
  const unknown = Object.keys(types).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw noColumn('readTable: types', unknown, columns)
  const united = unitedFeatures(all, types)
  return {
    kind: 'loaded',
    name: `typegrad file ${++opened}`,
    features: Object.fromEntries(columns.map((name) => [name, united[name] ?? feature.value('null')])),
    columns,
    async *batches(): AsyncGenerator<ColumnBatch> {
      for (const { file, features, rows } of all) {
        const names = Object.keys(features)
        const data = { path: file, features, columns: names, rows }
        let ready: DataRow[] = []
        for await (const row of decodedRows(data, features)) {
          ready.push(row)
          if (ready.length < batchRows) continue
          yield columnsOf(ready, columns)
          ready = []
        }
        yield columnsOf(ready, columns)
      }
    },
  }
}

const batchRows = 1 << 14

const columnsOf = (rows: readonly DataRow[], names: readonly string[]): ColumnBatch => ({
  rows: rows.length,
  columns: names.map((name) => rows.map((row) => row[name] ?? null)),
})
