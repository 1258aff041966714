import type { Features } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { noColumn } from './duckdb-errors.ts'
import { literal, quoted } from './expression.ts'
import { featuresOfQuery } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, TableLimits } from './source.ts'
import { unitedColumns } from './union.ts'
import { unitedFeatures } from './united-features.ts'

/** Files of Parquet as a source. What they hold, they say. */
export async function parquetSource(
  files: readonly string[],
  { types = {}, unionByName = false }: ReadTableOptions,
  limits: TableLimits,
): Promise<FileSource> {
  const opened: {
    readonly file: string
    readonly features: Features
    readonly columns: readonly string[]
  }[] = []
  for (const file of files) {
    const scan = `SELECT * FROM read_parquet([${literal(file)}])`
    const source: FileSource = { kind: 'files', files: [file], scan, columns: [] }
    const features = await featuresOfQuery({
      query: [{ kind: 'source', source }],
      limits,
      columns: [],
      where: file,
    })
    opened.push({ file, features, columns: Object.keys(features) })
  }
  const columns = unitedColumns(opened, unionByName)
  const unknown = Object.keys(types).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw noColumn('readTable: types', unknown, columns)
  const united = unitedFeatures(opened, types)
  const isOne = opened.length === 1 && Object.keys(types).length === 0
  const cells = columns.map((name) => {
    const of = united[name]
    return isOne || of === undefined
      ? quoted(name)
      : `CAST(${quoted(name)} AS ${typeOfFeature(of, name)}) AS ${quoted(name)}`
  })
  const listed = files.map(literal).join(', ')
  const scan = `SELECT ${cells.join(', ')} FROM read_parquet([${listed}], union_by_name = ${files.length > 1})`
  return { kind: 'files', files, scan, columns }
}
