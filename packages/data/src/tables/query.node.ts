import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  DuckDBTimestampValue,
  HUGEINT,
  INTEGER,
} from '@duckdb/node-api'
import { ArgumentError, EngineError } from 'typegrad/core'
import type { Cell, Features } from '../features/feature.ts'
import { decoderOfType } from './cells.node.ts'
import { featureOf } from './column-types.node.ts'
import { acquire } from './database.node.ts'
import { explained, ownParameters } from './duckdb-errors.ts'
import type { Bound, Piece } from './pieces.ts'
import type { TableLimits } from './source.ts'
import { statementOf } from './statement.ts'

/** A query and what it may use. */
export interface Query {
  readonly query: readonly Piece[]
  readonly limits: TableLimits
  /** Names that it can be meant to have, for errors. */
  readonly columns: readonly string[]
  /** The file that is looked at, for errors; undefined for a table. */
  readonly where?: string
}

/** Columns of some rows, by the order of the query's. */
export interface Batch {
  readonly names: readonly string[]
  readonly columns: readonly (readonly Cell[])[]
  readonly rows: number
}

/** A query that DuckDB has open. */
interface OpenQuery {
  readonly connection: DuckDBConnection
  readonly text: string
  readonly values: readonly Bound[]
  readonly close: () => void
}

async function opened(query: Query): Promise<OpenQuery> {
  const { text, values, files, loaded } = statementOf(query.query)
  const { database, release } = await acquire(files, query.limits)
  try {
    const connection = await database.connect(loaded)
    const close = (): void => {
      connection.closeSync()
      release()
    }
    return { connection, text, values, close }
  } catch (error) {
    release()
    throw await explained(error, query)
  }
}

/**
 * Runs a query and hands out its rows as they come, some thousand at a time.
 *
 * A stream of DuckDB that fails on its way ends as one that is exhausted does, and the bindings do not tell what it failed of. So a
 * row is put behind the last: where it does not come, the query has failed, and is run again for what it says.
 */
export async function* batchesOf(query: Query): AsyncGenerator<Batch, void, undefined> {
  const { connection, text, values, close } = await opened(query)
  try {
    const statement = await prepared(
      connection,
      `SELECT *, false AS "typegrad end" FROM (${text}\n) AS t UNION ALL BY NAME SELECT true AS "typegrad end"`,
      values,
    )
    const result: DuckDBResult = await statement.stream()
    const names = result.columnNames().slice(0, -1)
    const decoders = result.columnTypes().slice(0, -1).map(decoderOfType)
    let hasEnded = false
    while (!hasEnded) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) throw await failureOf(connection, text, values)
      hasEnded = chunk.getColumnVector(decoders.length).getItem(chunk.rowCount - 1) === true
      const rows = chunk.rowCount - (hasEnded ? 1 : 0)
      if (rows === 0) continue
      const columns = decoders.map((decode, i) => chunk.getColumnValues(i).slice(0, rows).map(decode))
      yield { names, columns, rows }
    }
  } catch (error) {
    throw await explained(error, query)
  } finally {
    close()
  }
}

/** What a stream failed of: the query again, for a single number of all its cells. */
async function failureOf(
  connection: DuckDBConnection,
  text: string,
  values: readonly Bound[],
): Promise<unknown> {
  const again = await prepared(connection, `SELECT bit_xor(hash(t)) FROM (${text}\n) AS t`, values)
  return again.run().then(
    () =>
      new EngineError({
        where: 'DuckDB',
        expected: 'all rows of a query',
        received: 'an end before the last, and no error when the query was run again',
        fix: 'A file may have changed while it was read.',
      }),
    (error: unknown) => error,
  )
}

/** What the columns of a query hold. It is prepared, and not run. */
export async function featuresOfQuery(query: Query): Promise<Features> {
  const { connection, text, values, close } = await opened(query)
  try {
    const statement = await prepared(connection, text, values)
    return Object.fromEntries(
      Array.from({ length: statement.columnCount }, (_, i) => [
        statement.columnName(i),
        featureOf(statement.columnType(i)),
      ]),
    )
  } catch (error) {
    throw await explained(error, query)
  } finally {
    close()
  }
}

/**
 * A statement with its values.
 *
 * @throws ArgumentError for SQL with parameters of its own, for which there are no values.
 */
export async function prepared(
  connection: DuckDBConnection,
  text: string,
  values: readonly Bound[],
): Promise<DuckDBPreparedStatement> {
  const statement = await connection.prepare(text)
  if (statement.parameterCount !== values.length) throw ownParameters()
  bind(statement, values)
  return statement
}

/** Whole numbers as such, where they are exact; dates as timestamps in UTC. */
function bind(statement: DuckDBPreparedStatement, values: readonly Bound[]): void {
  values.forEach((value, i) => {
    const place = i + 1
    if (value === null) statement.bindNull(place)
    else if (typeof value === 'boolean') statement.bindValue(place, value, BOOLEAN)
    else if (typeof value === 'string') statement.bindVarchar(place, value)
    else if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) statement.bindValue(place, value, DOUBLE)
      else if (Math.abs(value) < 2 ** 31) statement.bindValue(place, value, INTEGER)
      else statement.bindValue(place, BigInt(value), BIGINT)
    } else if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) === value) statement.bindValue(place, value, BIGINT)
      else if (BigInt.asIntN(128, value) === value) statement.bindValue(place, value, HUGEINT)
      else
        throw new ArgumentError({
          where: 'Table',
          expected: 'whole numbers of at most 128 bits',
          received: `${value}`,
        })
    } else if (value instanceof Date)
      statement.bindTimestamp(place, new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n))
    else statement.bindValue(place, new DuckDBBlobValue(value))
  })
}
