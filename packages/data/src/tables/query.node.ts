import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  DuckDBTimestampValue,
  HUGEINT,
  INTEGER,
} from '@duckdb/node-api'
import { ArgumentError } from 'typegrad/core'
import type { Cell, Features } from '../features/feature.ts'
import { decoderOfType } from './cells.node.ts'
import { featureOf } from './column-types.node.ts'
import { acquire } from './database.node.ts'
import { explained } from './duckdb-errors.ts'
import type { Bound, Piece } from './expression.ts'
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

/** Runs a query and hands out its rows as they come, some thousand at a time. */
export async function* batchesOf(query: Query): AsyncGenerator<Batch, void, undefined> {
  const { text, values, files, loaded } = statementOf(query.query)
  const { database, release } = await acquire(files, query.limits)
  try {
    const connection = await database.connect(loaded)
    try {
      const statement = await connection.prepare(text)
      bind(statement, values)
      const result: DuckDBResult = await statement.stream()
      const names = result.columnNames()
      const decoders = result.columnTypes().map(decoderOfType)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        const columns = decoders.map((decode, i) => chunk.getColumnValues(i).map(decode))
        yield { names, columns, rows: chunk.rowCount }
      }
    } catch (error) {
      throw await explained(error, query)
    } finally {
      connection.closeSync()
    }
  } catch (error) {
    throw await explained(error, query)
  } finally {
    release()
  }
}

/** What the columns of a query hold. It is prepared, and not run. */
export async function featuresOfQuery(query: Query): Promise<Features> {
  const { text, values, files, loaded } = statementOf(query.query)
  const { database, release } = await acquire(files, query.limits)
  try {
    const connection = await database.connect(loaded)
    try {
      const statement = await connection.prepare(text)
      bind(statement, values)
      return Object.fromEntries(
        Array.from({ length: statement.columnCount }, (_, i) => [
          statement.columnName(i),
          featureOf(statement.columnType(i)),
        ]),
      )
    } finally {
      connection.closeSync()
    }
  } catch (error) {
    throw await explained(error, query)
  } finally {
    release()
  }
}

/** Whole numbers as such, where they are exact; dates as timestamps in UTC. */
export function bind(statement: DuckDBPreparedStatement, values: readonly Bound[]): void {
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
