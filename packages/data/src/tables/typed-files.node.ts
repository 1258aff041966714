import { describeFeature, type Features, feature } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { noColumn } from './duckdb-errors.ts'
import { type ExactCast, exactCast } from './exact-casts.node.ts'
import { quoted } from './pieces.ts'
import { batchesOf, type Query } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, Misplaced, TableLimits } from './source.ts'
import { unitedColumns } from './union.ts'
import { joined, unitedFeatures } from './united-features.ts'

/** A format of files in which columns have types of their own. */
export interface TypedFormat {
  /** What the columns of a file hold. @throws FormatError for a file that is none of the format. */
  features(file: string): Promise<Features>
  /**
   * A query of SQL for columns of files, of which some may lack some.
   *
   * @param holds what each column holds in all of them together. @param mixed columns that not all of them hold in one type.
   */
  scan(files: readonly string[], holds: Features, mixed: ReadonlySet<string>): string
  /** What a row is called, for errors. */
  readonly row: string
}

interface TypedFile {
  readonly file: string
  readonly features: Features
  readonly columns: readonly string[]
}

/** Files of one format as a source; a column that is to have another type than theirs is cast without loss. */
export async function typedFiles(
  files: readonly string[],
  { types = {}, unionByName = false }: ReadTableOptions,
  limits: TableLimits,
  format: TypedFormat,
): Promise<FileSource> {
  const opened: TypedFile[] = []
  for (const file of files) {
    const features = await format.features(file)
    opened.push({ file, features, columns: Object.keys(features) })
  }
  const columns = unitedColumns(opened, unionByName)
  const unknown = Object.keys(types).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw noColumn('readTable: types', unknown, columns)
  // Refuses what files hold differently, unless the options say what it is to be.
  unitedFeatures(opened, types)
  const holds = Object.fromEntries(columns.map((name) => [name, heldIn(opened, name)]))
  const mixed = new Set(columns.filter((name) => isMixed(opened, name)))
  const casts = new Map<string, ExactCast>()
  for (const [name, dtype] of Object.entries(types)) {
    const held = holds[name] ?? feature.value('string')
    typeOfFeature(feature.value(dtype), `readTable: types: ${name}`)
    if (describeFeature(held) !== dtype) casts.set(name, exactCast(name, held, dtype))
  }
  const cells = columns.map((name) => {
    const cast = casts.get(name)
    return cast === undefined ? quoted(name) : `${cast.expression} AS ${quoted(name)}`
  })
  return {
    kind: 'files',
    files,
    scan: `SELECT ${cells.join(', ')} FROM (${format.scan(files, holds, mixed)}) AS t`,
    columns,
    locate: async (column) => {
      const cast = casts.get(column)
      return cast && locatedIn(opened, holds, column, cast, format, limits)
    },
  }
}

/** What a column holds in all files that have it; text, where they differ. */
function heldIn(files: readonly TypedFile[], name: string): Features[string] {
  const all = files.flatMap(({ features }) => features[name] ?? [])
  return all.reduce<Features[string]>(
    (held, of) => joined(held, of) ?? feature.value('string'),
    feature.value('null'),
  )
}

const isMixed = (files: readonly TypedFile[], name: string): boolean =>
  new Set(files.flatMap(({ features: { [name]: of } }) => (of === undefined ? [] : describeFeature(of))))
    .size > 1

/** The first row whose value does not fit. */
async function locatedIn(
  files: readonly TypedFile[],
  holds: Features,
  column: string,
  { misfits }: ExactCast,
  format: TypedFormat,
  limits: TableLimits,
): Promise<Misplaced | undefined> {
  const x = quoted(column)
  const own = { [column]: holds[column] ?? feature.value('string') }
  for (const { file, columns: has } of files) {
    if (!has.includes(column)) continue
    const scan = `SELECT place, CAST(${x} AS VARCHAR) AS value FROM (SELECT row_number() OVER () AS place, ${x} FROM (${format.scan([file], own, new Set())})) WHERE ${misfits} LIMIT 1`
    for await (const { columns } of batchesOf(queryOf(file, scan, limits)))
      return { place: `${file}: ${format.row} ${columns[0]?.[0]}`, value: String(columns[1]?.[0]) }
  }
  return undefined
}

/** A query over one file. */
export function queryOf(file: string, scan: string, limits: TableLimits): Query {
  const source: FileSource = { kind: 'files', files: [file], scan, columns: [] }
  return { query: [{ kind: 'source', source }], limits, columns: [], where: file }
}
