import { ArgumentError, FormatError } from 'typegrad/core'
import { type Features, feature } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { noColumn } from './duckdb-errors.ts'
import { literal, quoted } from './expression.ts'
import { batchesOf, featuresOfQuery } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, TableLimits } from './source.ts'
import { emptyFile } from './table-files.node.ts'
import { checkNames, unitedColumns } from './union.ts'
import { unitedFeatures } from './united-features.ts'

/** Files of JSON (an array of objects, or one object after another) or JSON Lines as a source. */
export async function jsonSource(
  files: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<FileSource> {
  const { types = {}, unionByName = false } = options
  const opened: {
    readonly file: string
    readonly features: Features
    readonly columns: readonly string[]
  }[] = []
  for (const file of files) {
    const features = await featuresOf(file, options, limits)
    opened.push({ file, features, columns: Object.keys(features) })
  }
  // Rows of JSON may lack fields, so that files may too where the first has them all.
  const columns = unitedColumns(opened, unionByName)
  const unknown = Object.keys(types).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw noColumn('readTable: types', unknown, columns)
  const united = unitedFeatures(opened, types)
  const read = columns.map((name) => {
    const of = united[name] ?? feature.value('string')
    return `${literal(name)}: ${literal(`${typeOfFeature(of, `readTable: types: ${name}`)}`)}`
  })
  const scan = files
    .map(
      (file) =>
        `SELECT ${columns.map(quoted).join(', ')} FROM read_json([${literal(file)}], format = ${formatOf(file)}, ` +
        `columns = {${read.join(', ')}}, auto_detect = false, maximum_object_size = ${longestObject})`,
    )
    .join('\nUNION ALL\n')
  return { kind: 'files', files, scan, columns }
}

/** In bytes. */
const longestObject = 64 * 2 ** 20

const formatOf = (file: string): string =>
  literal(/\.(jsonl|ndjson)(\.gz|\.zst)?$/i.test(file) ? 'newline_delimited' : 'auto')

/** What the fields of a file's objects hold. */
async function featuresOf(file: string, options: ReadTableOptions, limits: TableLimits): Promise<Features> {
  const { inferFrom = 'all', types = {} } = options
  const scan =
    `SELECT * FROM read_json([${literal(file)}], format = ${formatOf(file)}, sample_size = ${inferFrom === 'all' ? -1 : inferFrom}, ` +
    `map_inference_threshold = -1, maximum_object_size = ${longestObject})`
  const source: FileSource = { kind: 'files', files: [file], scan, columns: [] }
  const query = { query: [{ kind: 'source', source }] as const, limits, columns: [], where: file }
  const features = await featuresOfQuery(query)
  const names = Object.keys(features)
  // What DuckDB calls json was never anything, or now this and now that.
  const unclear = names.filter((name) => isJson(features[name]) && types[name] === undefined)
  if (names.length === 1 && names[0] === 'json' && unclear.length === 0 && !(await hasRows(query)))
    throw emptyFile(file)
  if (unclear.length === 0) return checked(file, features)
  const found: Record<string, unknown> = {}
  const counts = unclear.map((name) => `count(${quoted(name)}) AS ${quoted(name)}`).join(', ')
  for await (const batch of batchesOf({
    ...query,
    query: [{ kind: 'text', text: `SELECT ${counts} FROM (` }, ...query.query, { kind: 'text', text: ')' }],
  }))
    batch.names.forEach((name, i) => {
      found[name] = batch.columns[i]?.[0]
    })
  const mixed = unclear.find((name) => found[name] !== 0)
  if (mixed !== undefined) throw await mixture(file, mixed, query)
  if (names.length === 1 && names[0] === 'json') throw emptyFile(file)
  return checked(file, {
    ...features,
    ...Object.fromEntries(unclear.map((name) => [name, feature.value('null')])),
  })
}

const isJson = (of: Features[string] | undefined): boolean => of?.kind === 'value' && of.dtype === 'json'

function checked(file: string, features: Features): Features {
  checkNames(file, Object.keys(features), 'Rename one of the fields.')
  return features
}

type FileQuery = Parameters<typeof batchesOf>[0]

async function hasRows(query: FileQuery): Promise<boolean> {
  for await (const batch of batchesOf(query)) if (batch.rows > 0) return true
  return false
}

/** Which object is the first that holds another kind of value than those before it. */
async function mixture(file: string, name: string, query: FileQuery): Promise<FormatError | ArgumentError> {
  const kind = `json_type(${quoted(name)})`
  const text =
    `SELECT place, value, kind, first_value(kind) OVER (ORDER BY place) AS before FROM (` +
    `SELECT row_number() OVER () AS place, CAST(${quoted(name)} AS VARCHAR) AS value, ` +
    `CASE WHEN ${kind} IN ('UBIGINT', 'BIGINT', 'DOUBLE') THEN 'a number' WHEN ${kind} = 'VARCHAR' THEN 'a text' ` +
    `WHEN ${kind} = 'BOOLEAN' THEN 'true or false' WHEN ${kind} = 'ARRAY' THEN 'an array' WHEN ${kind} = 'OBJECT' THEN 'an object' END AS kind FROM (`
  const pieces = [
    { kind: 'text', text },
    ...query.query,
    { kind: 'text', text: ')) WHERE kind IS NOT NULL QUALIFY kind <> before ORDER BY place LIMIT 1' },
  ] as const
  for await (const batch of batchesOf({ ...query, query: pieces })) {
    const [place, value, , before] = batch.columns.map((column) => column[0])
    return new FormatError({
      where: `${file}: object ${place}: ${name}`,
      expected: `${before}, as in the objects before it`,
      received: `${value}`,
      fix: `To have all as text: types: { ${JSON.stringify(name)}: 'string' }.`,
    })
  }
  return new ArgumentError({
    where: `${file}: ${name}`,
    expected: 'one kind of value',
    received: 'several',
    fix: `To have all as text: types: { ${JSON.stringify(name)}: 'string' }.`,
  })
}
