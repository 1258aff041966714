import {
  ArgumentError,
  DataError,
  EngineError,
  FormatError,
  nearestName,
  StateError,
  TypegradError,
} from 'typegrad/core'
import type { Piece } from './pieces.ts'
import type { Misplaced } from './source.ts'

/** What a query has that failed. */
export interface Failed {
  readonly query: readonly Piece[]
  readonly columns: readonly string[]
  /** The file that is looked at. */
  readonly where?: string
}

/** Begins the message of an error that a scan raises for a value that is not of its column's type. */
export const misfitMark = 'typegrad misfit'

type Explanation = (
  found: RegExpExecArray,
  message: string,
  failed: Failed,
) => TypegradError | Promise<TypegradError>

const fileOf = (message: string): string => /^\s*file = (.+)$/m.exec(message)?.[1]?.trim() ?? 'CSV'
const lineOf = (message: string): string => /CSV Error on Line: (\d+)/.exec(message)?.[1] ?? '?'
const atLine = (message: string): string => `${fileOf(message)}: line ${lineOf(message)}`
const originalLine = (message: string): string => {
  const line = /^Original Line: (.*)$/m.exec(message)?.[1] ?? ''
  return line.length > 120 ? `${line.slice(0, 120)} …` : line
}
const firstLine = (message: string): string => (message.split('\n')[0] ?? '').replace(/^[\w ]+ Error: /, '')

const castFix = (column: string): string =>
  `If the column is to hold it, say so: types: { ${JSON.stringify(column)}: 'string' }; if it stands for nothing, name it in missing.`

/** Values that are bound have names, and DuckDB takes no parameters of two kinds. */
const mixedParameters = /Mixing named and positional parameters/

export const isOwnParameter = (message: string): boolean => mixedParameters.test(message)

/** What DuckDB says, and what that is here; the first that fits. */
const explanations: readonly (readonly [RegExp, Explanation])[] = [
  [
    new RegExp(`${misfitMark}: (.*?)\\|(.*?)\\|([\\s\\S]*)`),
    async (found, _, failed) => {
      const [, column = '', expected = '', value = ''] = found
      const misfit = await located(failed, column)
      return new FormatError({
        where: `${misfit?.place ?? 'readTable'}: ${column}`,
        expected: `a value of ${expected}, the column's type`,
        received: JSON.stringify(misfit?.value ?? value),
        fix: `If the column is to hold it, say so: types: { ${JSON.stringify(column)}: 'string' }, or have all rows of CSV looked at: inferFrom: 'all'; if it stands for nothing, name it in missing.`,
      })
    },
  ],
  [
    /Error when converting column "(.*?)"\. Could not convert string "([\s\S]*?)" to '(.*?)'/,
    ([, column = '', value, type], message) =>
      new FormatError({
        where: `${atLine(message)}: ${column}`,
        expected: `a value of ${type}`,
        received: JSON.stringify(value),
        fix: castFix(column),
      }),
  ],
  [
    /Expected Number of Columns: (\d+) Found: (\d+)/,
    ([, expected, found], message) =>
      new FormatError({
        where: atLine(message),
        expected: `${expected} cells, as the first line has names`,
        received: `${found}: ${originalLine(message)}`,
        fix: 'Mend the line, or say what stands between cells (delimiter) and around them (quote).',
      }),
  ],
  [
    /Invalid unicode/,
    (_, message) =>
      new FormatError({
        where: atLine(message),
        expected: 'text in UTF-8',
        received: `other bytes: ${originalLine(message)}`,
        fix: "Say what the file is written in: encoding: 'latin-1' or 'utf-16'. Where lines differ, convert the file first.",
      }),
  ],
  [
    /unterminated quote/i,
    (_, message) =>
      new FormatError({
        where: atLine(message),
        expected: 'a second quotation mark where the first opened a cell',
        received: originalLine(message),
      }),
  ],
  [
    /Maximum line size of (\d+) bytes exceeded/,
    ([, most], message) =>
      new FormatError({
        where: atLine(message),
        expected: `lines of at most ${most} bytes`,
        received: 'a longer one',
        fix: 'A quotation mark may be missing before it.',
      }),
  ],
  [
    /CSV Parser state machine reached an invalid state/,
    (_, message) =>
      new FormatError({
        where: fileOf(message),
        expected: 'a table of CSV (RFC 4180) with one kind of line ends',
        received: 'mixed line ends, or text behind a closing quotation mark',
      }),
  ],
  [
    /JSON transform error in file "(.*?)", in (line|record\/value|record|value) (\d+): ([^\n]*)/,
    ([, file, kind, place, problem]) =>
      new FormatError({
        where: `${file}: ${kind === 'line' ? 'line' : 'object'} ${place}`,
        expected: 'objects with the columns and types of those before',
        received: problem ?? '',
      }),
  ],
  [
    // The number of the line that DuckDB gives is that of a later one.
    /Malformed JSON in file "(.*?)", at byte (\d+) in (?:line|record\/value|record|value) \d+: ([^\n]*)/,
    async ([, file = '', byte, problem = '']) => {
      const { brokenJson } = await import('./broken-json.node.ts')
      const received = `${problem.replace(/\.?\s*$/, '')} at byte ${byte}`
      return (
        (await brokenJson(file)) ??
        new FormatError({
          where: file,
          expected: 'JSON in UTF-8, without a mark of byte order',
          received: `${received} of an object`,
        })
      )
    },
  ],
  [
    /^[^\n]*(?:No magic bytes found at end of file|File '.*?' too small to be a Parquet file|Invalid Parquet|Parquet file|Thrift|TProtocol)[^\n]*/i,
    (found, _, { where = 'readTable' }) =>
      new FormatError({ where, expected: 'whole files of Parquet', received: firstLine(found[0]) }),
  ],
  [mixedParameters, () => ownParameters()],
  [
    /Referenced column "(.*?)" not found|Table "(.*?)" does not have a column named "(.*?)"|column "?(.*?)"? not found/i,
    (found, message, { columns }) => {
      const candidates = /Candidate bindings: (.*)/.exec(message)?.[1] ?? ''
      const known =
        columns.length > 0 ? columns : [...candidates.matchAll(/"([^"]*)"/g)].map(([, name = '']) => name)
      return noColumn('Table', found[1] ?? found[3] ?? found[4] ?? '', known)
    },
  ],
  [
    /Table with name (.*?) does not exist/,
    ([, name]) =>
      new ArgumentError({
        where: 'Table: sql',
        expected: 'tables that stand in the template of sql, or are named in files',
        received: `'${name}'`,
      }),
  ],
  [
    /Permission Error: (?:Cannot access (?:file|directory) "(.*?)")?/,
    ([, path], message) =>
      new ArgumentError({
        where: 'Table: sql',
        expected:
          'only the files that readTable was given: a query may open no others, and nothing of the network',
        received: path ?? firstLine(message),
        fix: 'Name the file: readTable({ sql, files }).',
      }),
  ],
  [
    /Out of Memory Error: ([^\n]*)/,
    ([, problem]) =>
      new StateError({
        where: 'Table',
        expected: 'a query that runs within memoryLimit, with the rest in spillFolder',
        received: problem ?? '',
        fix: 'Give it more memory (memoryLimit), fewer threads, or a spillFolder with room.',
      }),
  ],
  [
    /INTERRUPT/,
    () =>
      new StateError({
        where: 'Table',
        expected: 'a query that runs to its end',
        received: 'an interruption',
      }),
  ],
  [
    /^(?:Conversion|Out of Range|Invalid Input) Error: ([^\n]*)/,
    ([, problem]) =>
      new DataError({
        where: 'Table',
        expected: 'values that the operation takes',
        received: problem ?? '',
        fix: 'tryCast makes those missing that a type cannot hold.',
      }),
  ],
  [
    /^IO Error: ([^\n]*)/,
    ([, problem]) =>
      new StateError({ where: 'Table', expected: 'files that can be read', received: problem ?? '' }),
  ],
  [
    /^(?:Binder|Parser|Catalog|Syntax|Not implemented) Error: ([^\n]*)/,
    ([, problem], message) =>
      new ArgumentError({
        where: 'Table',
        expected: 'an expression that DuckDB understands',
        received: `${problem}${/^LINE \d+: .*$/m.test(message) ? ` (${/^LINE \d+: (.*)$/m.exec(message)?.[1]})` : ''}`,
      }),
  ],
]

/** What DuckDB threw, as an error of typegrad. */
export async function explained(error: unknown, failed: Failed): Promise<Error> {
  if (error instanceof TypegradError) return error
  const message = error instanceof Error ? error.message : String(error)
  for (const [pattern, explain] of explanations) {
    const found = pattern.exec(message)
    if (found === null) continue
    const told = await explain(found, message, failed)
    if (told.cause === undefined) told.cause = error
    return told
  }
  return new EngineError(
    { where: 'DuckDB', expected: 'a query that runs', received: firstLine(message) || message },
    { cause: error },
  )
}

/** For SQL with a parameter: values stand in its template. */
export const ownParameters = (): ArgumentError =>
  new ArgumentError({
    where: 'Table: sql',
    expected: 'SQL in whose template values stand',
    received: 'a parameter, such as $1, $name or ?, which has no value',
    fix: 'Put the value into the template of sql, in the place of the parameter.',
  })

/** For a column that there is not. */
export function noColumn(where: string, name: string, columns: readonly string[]): ArgumentError {
  const near = nearestName(name, columns)
  const listed =
    columns.length > 30
      ? `${columns.slice(0, 30).join(', ')}, … (${columns.length} in all)`
      : columns.join(', ')
  return new ArgumentError({
    where,
    expected: `a column of the table: ${listed}`,
    received: `'${name}'`,
    ...(near !== undefined && { fix: `Did you mean '${near}'?` }),
  })
}

async function located({ query }: Failed, column: string): Promise<Misplaced | undefined> {
  for (const piece of query) {
    if (piece.kind !== 'source' || piece.source.kind !== 'files') continue
    const place = await piece.source.locate?.(column)
    if (place !== undefined) return place
  }
  return undefined
}
