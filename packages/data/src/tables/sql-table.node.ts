import { basename } from 'node:path'
import { ArgumentError } from 'typegrad/core'
import { isOwnParameter, ownParameters } from './duckdb-errors.ts'
import { type Expression, type Readable, text } from './expression.ts'
import { fileTable } from './file-table.node.ts'
import { literal, type Piece, quoted } from './pieces.ts'
import { batchesOf, featuresOfQuery } from './query.node.ts'
import type { ReadTableOptions } from './read-options.ts'
import type { TableLimits } from './source.ts'
import { statementOf } from './statement.ts'
import { Table } from './table.ts'
import type { SqlSource } from './table-source.ts'
import { checkNames } from './union.ts'

type Named = Readonly<Record<string, Readable>>

/** The tables that a statement is given, by the names that it may use. */
export async function namedTables({ files }: SqlSource, options: ReadTableOptions): Promise<Named> {
  const named: Record<string, Readable> = {}
  if (typeof files === 'string' || Array.isArray(files)) {
    const list: readonly string[] = typeof files === 'string' ? [files] : files
    for (const file of list) {
      const table = await fileTable<object>(file, options)
      named[file] = table
      const stem = basename(file).replace(/\..*$/, '')
      if (stem !== '' && stem !== file && !/[*?[]/.test(stem)) {
        if (Object.hasOwn(named, stem))
          throw new ArgumentError({
            where: 'readTable: files',
            expected: 'files that have names of their own',
            received: `two that are called ${stem}`,
            fix: 'Name them: files: { trips: … }.',
          })
        named[stem] = table
      }
    }
    return named
  }
  if (typeof files !== 'object' || files === null)
    throw new ArgumentError({
      where: 'readTable: files',
      expected: 'the files that the statement reads: a path, several, or paths by name',
      received: String(files),
    })
  for (const [name, source] of Object.entries(
    files as Exclude<SqlSource['files'], string | readonly string[]>,
  ))
    named[name] = isReadable(source) ? source : await fileTable<object>(source, options)
  return named
}

const isReadable = (source: unknown): source is Readable =>
  typeof source === 'object' && source !== null && 'query' in source

/**
 * A table by a statement of SQL.
 *
 * @throws ArgumentError for what is not one SELECT, before anything of it runs.
 */
export async function sqlTable<Row extends object>(
  statement: Expression,
  named: Named,
  limits: TableLimits,
): Promise<Table<Row>> {
  const { text: written } = statementOf(statement.pieces)
  await checkSelect(written, limits)
  const tables = Object.entries(named)
  const query: Piece[] = tables.flatMap(([name, { query: pieces }], i) => [
    ...text(`${i === 0 ? 'WITH ' : ', '}${quoted(name)} AS (`).pieces,
    ...pieces,
    ...text('\n)').pieces,
  ])
  query.push(...text(' SELECT * FROM (').pieces, ...statement.pieces, ...text('\n) AS t').pieces)
  const features = await featuresOfQuery({ query, limits, columns: [] })
  const columns = Object.keys(features)
  checkNames('readTable: sql', columns, 'Give the columns other names: AS.')
  return new Table<Row>({ query, columns, limits, isOrdered: false })
}

/** DuckDB parses the statement alone, and runs nothing of it; only a SELECT has a form in JSON. */
async function checkSelect(written: string, limits: TableLimits): Promise<void> {
  const query = text(`SELECT CAST(json_serialize_sql(${literal(written)}) AS VARCHAR) AS parsed`).pieces
  for await (const { columns } of batchesOf({ query, limits, columns: [] })) {
    const { error, error_message: message, statements } = JSON.parse(String(columns[0]?.[0])) as Parsed
    if (error && /only select/i.test(message ?? ''))
      throw notSelect(
        /^(?:\s|--.*\n|\/\*[\s\S]*?\*\/)*(\w+)/.exec(written)?.[1]?.toUpperCase() ?? 'another statement',
      )
    if (error && isOwnParameter(message ?? '')) throw ownParameters()
    if (error)
      throw new ArgumentError({
        where: 'readTable: sql',
        expected: 'a SELECT that DuckDB understands',
        received: message ?? 'another text',
      })
    if (statements?.length !== 1) throw notSelect(`${statements?.length ?? 0} statements`)
  }
}

/** What DuckDB's parser says. */
interface Parsed {
  readonly error: boolean
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

const notSelect = (received: string): ArgumentError =>
  new ArgumentError({
    where: 'readTable: sql',
    expected: 'one SELECT: tables are read, and nothing is written',
    received,
    fix: 'Write what comes out with table.write(path).',
  })
