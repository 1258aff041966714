import type { Features } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { literal, quoted } from './pieces.ts'
import { featuresOfQuery } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, TableLimits } from './source.ts'
import { queryOf, typedFiles } from './typed-files.node.ts'

/** Files of Parquet as a source. What they hold, they say. */
export const parquetSource = (
  files: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<FileSource> =>
  typedFiles(files, options, limits, {
    row: 'row',
    features: (file) =>
      featuresOfQuery(queryOf(file, `SELECT * FROM read_parquet([${literal(file)}])`, limits)),
    scan: scanOf,
  })

function scanOf(files: readonly string[], holds: Features, mixed: ReadonlySet<string>): string {
  const listed = files.map(literal).join(', ')
  // Columns that files hold in types of different widths are all of the widest.
  const cells = Object.entries(holds).map(([name, of]) =>
    mixed.has(name) ? `CAST(${quoted(name)} AS ${typeOfFeature(of, name)}) AS ${quoted(name)}` : quoted(name),
  )
  return `SELECT ${cells.join(', ')} FROM read_parquet([${listed}], union_by_name = ${files.length > 1})`
}
