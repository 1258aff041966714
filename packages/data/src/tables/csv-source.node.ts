import { ArgumentError } from 'typegrad/core'
import { feature } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { type CsvDialect, delimiterOf, expectedLines, markOf, recordsOf } from './csv-text.node.ts'
import { type CsvKind, kindOfCounts, kindTests } from './csv-types.ts'
import { noColumn } from './duckdb-errors.ts'
import { exactCast, misfit } from './exact-casts.node.ts'
import { literal, quoted } from './pieces.ts'
import { batchesOf } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { FileSource, Misplaced, TableLimits } from './source.ts'
import { emptyFile } from './table-files.node.ts'
import { checkNames, unitedColumns } from './union.ts'

/** What stands for a cell without a value, as in pandas' `read_csv`. */
const missingTexts =
  '|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split(
    '|',
  )

/** A file, how it is written, and its columns. */
interface CsvFile {
  readonly file: string
  readonly dialect: CsvDialect
  readonly columns: readonly string[]
}

/** Neighbours with the same columns in the same order, written in the same way: DuckDB reads them as one. */
interface CsvGroup extends Omit<CsvFile, 'file'> {
  readonly files: readonly string[]
}

/** Files of CSV as a source. @throws ArgumentError and FormatError as `readTable`. */
export async function csvSource(
  files: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<FileSource> {
  const opened: CsvFile[] = []
  for (const file of files) opened.push(await openCsv(file, options))
  const columns = unitedColumns(opened, options.unionByName ?? false)
  const unknown = Object.keys(options.types ?? {}).find((name) => !columns.includes(name))
  if (unknown !== undefined) throw noColumn('readTable: types', unknown, columns)
  const groups = grouped(opened)
  const found = await kindsOf(groups, columns, options, limits)
  const kinds = new Map(columns.map((name) => [name, kindFor(name, found.get(name), options)]))
  const scan = groups.map((group) => scanOf(group, columns, kinds, options)).join('\nUNION ALL\n')
  return {
    kind: 'files',
    files,
    scan,
    columns,
    expectedRows: () => expectedLines(files),
    locate: (column) => located(opened, column, kinds.get(column), options),
  }
}

async function openCsv(file: string, options: ReadTableOptions): Promise<CsvFile> {
  const { quote = '"', header = true } = options
  const mark = await markOf(file)
  const encoding = options.encoding ?? (mark?.startsWith('utf-16') ? 'utf-16' : 'utf-8')
  const delimiter =
    options.delimiter ?? (/\.tsv(\.|$)/i.test(file) ? '\t' : await delimiterOf(file, { quote, encoding }))
  const dialect = { delimiter, quote, encoding }
  let first: readonly string[] | undefined
  for await (const { record } of recordsOf(file, dialect)) {
    first = record
    break
  }
  if (first === undefined) throw emptyFile(file)
  const { names } = options
  if (names !== undefined && names.length !== first.length)
    throw new ArgumentError({
      where: `${file}: names`,
      expected: `${first.length} names, as the first line has cells: ${first.join(', ')}`,
      received: `${names.length}`,
    })
  const columns = names ?? first.map((name, i) => (header && name.trim() !== '' ? name.trim() : `column${i}`))
  checkNames(`${file}: line 1`, columns, 'Name them anew: names: [ … ].')
  return { file, dialect, columns }
}

function grouped(files: readonly CsvFile[]): readonly CsvGroup[] {
  const groups: (CsvGroup & { readonly files: string[] })[] = []
  for (const { file, dialect, columns } of files) {
    const last = groups.at(-1)
    const isAlike =
      last !== undefined &&
      JSON.stringify([last.dialect, last.columns]) === JSON.stringify([dialect, columns])
    if (isAlike) last.files.push(file)
    else groups.push({ files: [file], dialect, columns })
  }
  return groups
}

/** `read_csv` with everything said, so that DuckDB guesses nothing. @param as the type of each column. */
function readCsv(
  { files, dialect, columns }: CsvGroup,
  options: ReadTableOptions,
  as: (column: string) => string,
): string {
  const { header = true, missing = missingTexts, decimal = '.', dateFormat, timestampFormat } = options
  const quote = literal(dialect.quote)
  const settings = {
    auto_detect: 'false',
    columns: `{${columns.map((name) => `${literal(name)}: ${literal(as(name))}`).join(', ')}}`,
    delim: literal(dialect.delimiter),
    quote,
    escape: quote,
    header: String(header),
    skip: '0',
    comment: `''`,
    strict_mode: 'true',
    null_padding: 'false',
    nullstr: `[${missing.map(literal).join(', ')}]`,
    decimal_separator: literal(decimal),
    encoding: literal(dialect.encoding),
    ...(dateFormat !== undefined && { dateformat: literal(dateFormat) }),
    ...(timestampFormat !== undefined && { timestampformat: literal(timestampFormat) }),
  }
  const listed = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return `read_csv([${files.map(literal).join(', ')}], ${listed.join(', ')})`
}

/** Files whose rows are looked at for types, of very many. */
const mostSampled = 64

/** What the values of columns look like. */
async function kindsOf(
  groups: readonly CsvGroup[],
  columns: readonly string[],
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<ReadonlyMap<string, CsvKind>> {
  const { inferFrom = 10_000 } = options
  const files = groups.flatMap((group) => group.files.map((file) => ({ ...group, files: [file] })))
  const step = Math.max(1, Math.ceil(files.length / mostSampled))
  const sampled = inferFrom === 'all' ? groups : files.filter((_, i) => i % step === 0)
  const rows = sampled.map((group) => {
    const cells = columns.map((name) =>
      group.columns.includes(name) ? quoted(name) : `CAST(NULL AS VARCHAR) AS ${quoted(name)}`,
    )
    const read = `SELECT ${cells.join(', ')} FROM ${readCsv(group, options, () => 'VARCHAR')}`
    return inferFrom === 'all' ? read : `(${read} LIMIT ${inferFrom})`
  })
  const tests = kindTests(options)
  const counts = columns.flatMap((name) => tests.map((test) => test(quoted(name))))
  const scan = `SELECT ${counts.join(', ')} FROM (${rows.join('\nUNION ALL\n')})`
  const source: FileSource = {
    kind: 'files',
    files: sampled.flatMap((group) => group.files),
    scan,
    columns: [],
  }
  const found: number[] = []
  for await (const batch of batchesOf({ query: [{ kind: 'source', source }], limits, columns }))
    for (const column of batch.columns) found.push(Number(column[0]))
  return new Map(
    columns.map((name, i) => [name, kindOfCounts(found.slice(i * tests.length, (i + 1) * tests.length))]),
  )
}

/** How a column is read, and what it holds. */
interface ColumnReading {
  /** As features have it. */
  readonly dtype: string
  /** What `read_csv` makes of a cell. */
  readonly readAs: string
  /** The column's expression over that. */
  readonly expression: (column: string) => string
  /** For finding what does not fit. */
  readonly fits?: (text: string) => boolean
}

/** Whole numbers that a double holds, and the type too. */
const bounds: Readonly<Record<string, readonly [string, string]>> = {
  int8: ['-128', '127'],
  int16: ['-32768', '32767'],
  int32: ['-2147483648', '2147483647'],
  int64: ['-9007199254740991', '9007199254740991'],
  uint8: ['0', '255'],
  uint16: ['0', '65535'],
  uint32: ['0', '4294967295'],
  uint64: ['0', '9007199254740991'],
}

const wholeNumber = /^\s*[+-]?\d+\s*$/

/** Types that DuckDB's `read_csv` makes of cells as they are written, or refuses, naming the line. */
const readWhole = /^(float|double|decimal|string|large_string|utf8|binary)/

function kindFor(
  name: string,
  found: CsvKind | undefined,
  { types = {}, dateFormat, timestampFormat }: ReadTableOptions,
): ColumnReading {
  const dtype = types[name] ?? found?.dtype ?? 'string'
  const type = `${typeOfFeature(feature.value(dtype), `readTable: types: ${name}`)}`
  const range = bounds[dtype]
  if (range !== undefined && found?.isLong !== true) {
    const [least, most] = range
    // DuckDB rounds 1.5 to a whole number where a column has such. A double shows what it was, and holds whole numbers up to 2⁵³;
    // columns with longer ones are read as text, which is slower.
    return {
      dtype,
      readAs: 'DOUBLE',
      expression: (column) =>
        `CASE WHEN ${quoted(column)} = trunc(${quoted(column)}) AND ${quoted(column)} BETWEEN ${least} AND ${most} ` +
        `THEN CAST(${quoted(column)} AS ${type}) WHEN ${quoted(column)} IS NOT NULL THEN ${misfit(column, dtype)} END`,
      fits: (cell) => wholeNumber.test(cell) && Number(cell) >= Number(least) && Number(cell) <= Number(most),
    }
  }
  const isFormatted =
    (/^date/.test(dtype) && dateFormat !== undefined) ||
    (/^timestamp/.test(dtype) && timestampFormat !== undefined)
  if (isFormatted || readWhole.test(dtype))
    return { dtype, readAs: type, expression: (column) => quoted(column) }
  const { expression, accepts } = exactCast(name, feature.value('string'), dtype)
  return { dtype, readAs: 'VARCHAR', expression: () => expression, fits: accepts }
}

function scanOf(
  group: CsvGroup,
  columns: readonly string[],
  kinds: ReadonlyMap<string, ColumnReading>,
  options: ReadTableOptions,
): string {
  const reading = (name: string): ColumnReading => kinds.get(name) as ColumnReading
  const cells = columns.map((name) => {
    const { dtype, expression } = reading(name)
    const type = `${typeOfFeature(feature.value(dtype), name)}`
    return `${group.columns.includes(name) ? expression(name) : `CAST(NULL AS ${type})`} AS ${quoted(name)}`
  })
  return `SELECT ${cells.join(', ')} FROM ${readCsv(group, options, (name) => reading(name).readAs)}`
}

/** Where the first cell of a column is that does not fit, and what it is. */
async function located(
  files: readonly CsvFile[],
  column: string,
  reading: ColumnReading | undefined,
  { missing = missingTexts, header = true }: ReadTableOptions,
): Promise<Misplaced | undefined> {
  for (const { file, dialect, columns } of files) {
    const place = columns.indexOf(column)
    if (place < 0) continue
    let isFirst = header
    for await (const { record, line } of recordsOf(file, dialect)) {
      const cell = record[place]
      if (!isFirst && cell !== undefined && !missing.includes(cell) && reading?.fits?.(cell) === false)
        return { place: `${file}: line ${line}`, value: cell }
      isFirst = false
    }
  }
  return undefined
}
