import { ArgumentError, FormatError } from 'typegrad/core'
import { type Cell, type Features, feature } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { literal, quoted } from './pieces.ts'
import { batchesOf, featuresOfQuery, type Query } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, TableLimits } from './source.ts'
import { emptyFile } from './table-files.node.ts'
import { queryOf, typedFiles } from './typed-files.node.ts'
import { checkNames } from './union.ts'

/** Files of JSON (an array of objects, or one object after another) or JSON Lines as a source. */
export async function jsonSource(
  files: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<FileSource> {
  const { inferFrom = 'all', types = {} } = options
  // Told types, DuckDB makes 2 of 1.5 and 7 of "7" and leaves out fields that it was not told of.
  if (inferFrom !== 'all')
    throw new ArgumentError({
      where: 'readTable: inferFrom',
      expected: "'all' or nothing for JSON, which is looked at as a whole",
      received: `${inferFrom}`,
    })
  return typedFiles(files, options, limits, {
    row: 'object',
    features: (file) => featuresOf(file, types, limits),
    // Rows of JSON may lack fields, so that files may too.
    scan: (some, holds) => some.map((file) => scanOf(file, holds)).join('\nUNION ALL\n'),
  })
}

function scanOf(file: string, holds: Features): string {
  const read = Object.entries(holds).map(
    ([name, of]) => `${literal(name)}: ${literal(`${typeOfFeature(of, `readTable: types: ${name}`)}`)}`,
  )
  return (
    `SELECT ${Object.keys(holds).map(quoted).join(', ')} FROM read_json([${literal(file)}], format = ${formatOf(file)}, ` +
    `columns = {${read.join(', ')}}, auto_detect = false, maximum_object_size = ${longestObject})`
  )
}

/** In bytes. */
const longestObject = 64 * 2 ** 20

const formatOf = (file: string): string =>
  literal(/\.(jsonl|ndjson)(\.gz|\.zst)?$/i.test(file) ? 'newline_delimited' : 'auto')

/** What the fields of a file's objects hold. */
async function featuresOf(
  file: string,
  types: Readonly<Record<string, string>>,
  limits: TableLimits,
): Promise<Features> {
  const query = queryOf(file, detected(file, 'auto'), limits)
  const told = await featuresOfQuery(query)
  // Texts that look like one are texts here.
  const features = Object.fromEntries(
    Object.entries(told).map(([name, of]) => [name, isValue(of, 'uuid') ? feature.value('string') : of]),
  )
  const names = Object.keys(features)
  // So DuckDB calls what no object has told it of.
  if (names.length === 1 && names[0] === 'json') await checkObjects(file, query, limits)
  await checkCapitals(file, names, limits)
  // What DuckDB calls json was never anything, or now this and now that.
  const unclear = names.filter((name) => isValue(features[name], 'json'))
  if (unclear.length === 0) return checked(file, features)
  const counts = unclear.map((name) => `count(${quoted(name)}) AS ${quoted(name)}`).join(', ')
  const found = await firstRow({
    ...query,
    query: [{ kind: 'text', text: `SELECT ${counts} FROM (` }, ...query.query, { kind: 'text', text: ')' }],
  })
  const mixed = unclear.find((name) => found?.[name] !== 0 && types[name] === undefined)
  if (mixed !== undefined) throw await mixture(file, mixed, query)
  return checked(file, {
    ...features,
    ...Object.fromEntries(
      unclear.map((name) => [name, feature.value(found?.[name] === 0 ? 'null' : 'string')]),
    ),
  })
}

/** `read_json` that looks at all of a file. @param records whether values have to be objects. */
const detected = (file: string, records: 'auto' | 'true'): string =>
  `SELECT * FROM read_json([${literal(file)}], format = ${formatOf(file)}, records = '${records}', sample_size = -1, ` +
  `map_inference_threshold = -1, maximum_object_size = ${longestObject})`

/** @throws FormatError for a file without values, or with other values than objects. */
async function checkObjects(file: string, query: Query, limits: TableLimits): Promise<void> {
  if ((await firstRow(query)) === undefined) throw emptyFile(file)
  await featuresOfQuery(queryOf(file, detected(file, 'true'), limits)).catch((error: unknown) => {
    if (!/non-record JSON/.test(String((error as Error).cause ?? error))) throw error
    throw new FormatError({
      where: file,
      expected: 'objects with the columns of a row each',
      received: 'other values: arrays, numbers, texts, true, false or null',
    })
  })
}

/**
 * DuckDB does not tell `id` from `ID`: it calls the second `ID_1` and finds nothing under that name.
 *
 * @throws ArgumentError for fields whose names differ in capitals alone.
 */
async function checkCapitals(file: string, names: readonly string[], limits: TableLimits): Promise<void> {
  const plain = new Set(names.map((name) => name.toLowerCase()))
  const doubtful = names.filter(
    (name) => plain.has(name.toLowerCase().replace(/_\d+$/, '')) && /_\d+$/.test(name),
  )
  if (doubtful.length === 0) return
  const keys = doubtful.map(
    (name, i) => `count(*) FILTER (WHERE list_contains(json_keys(json), ${literal(name)})) AS "${i}"`,
  )
  const found = await firstRow(
    queryOf(
      file,
      `SELECT ${keys.join(', ')} FROM read_json_objects([${literal(file)}], format = ${formatOf(file)}, maximum_object_size = ${longestObject})`,
      limits,
    ),
  )
  const made = doubtful.find((_, i) => found?.[`${i}`] === 0)
  if (made === undefined) return
  const original = made.replace(/_\d+$/, '')
  const other = names.find((name) => name.toLowerCase() === original.toLowerCase()) ?? ''
  checkNames(file, [other, original], 'Rename one of the fields.')
}

async function firstRow(query: Query): Promise<Readonly<Record<string, Cell>> | undefined> {
  for await (const { names, columns, rows } of batchesOf(query))
    if (rows > 0) return Object.fromEntries(names.map((name, i) => [name, columns[i]?.[0] ?? null]))
  return undefined
}

const isValue = (of: Features[string] | undefined, dtype: string): boolean =>
  of?.kind === 'value' && of.dtype === dtype

function checked(file: string, features: Features): Features {
  checkNames(file, Object.keys(features), 'Rename one of the fields.')
  return features
}

/** Which object is the first that holds another kind of value than those before it. */
async function mixture(file: string, name: string, query: Query): Promise<FormatError | ArgumentError> {
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
