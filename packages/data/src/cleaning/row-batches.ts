import { DataError } from 'typegrad/core'

/** A row as any object has it. */
export type SourceRow = object

/** Columns of one length: arrays of cells, or typed arrays of numbers. */
export type SourceColumns = Readonly<Record<string, ArrayLike<unknown>>>

/** Rows that are read as batches of columns, where that is less work than rows are: a `Table`. */
interface ColumnarRows {
  readonly columnBatches: () => AsyncIterable<SourceColumns>
}

/** Rows of a batch: enough for loops over columns to be worth it, few enough for a stream. */
export const batchRows = 8192

/** Columns of some rows. */
export interface Batch {
  readonly length: number
  readonly columns: SourceColumns
  /** All columns that the rows have, where `columns` holds those alone that were asked for. */
  readonly names: () => readonly string[]
}

/** Reads a source from its beginning, as so many rows at a time as are asked for, where it does not come in batches of its own. */
export type Batches = (rows?: number, wanted?: readonly string[]) => AsyncIterable<Batch> | Iterable<Batch>

/** Rows one after another, as batches that can be read again and again. */
export function batchesOfRows(rows: AsyncIterable<SourceRow> | Iterable<SourceRow>): Batches {
  const { columnBatches } = rows as Partial<ColumnarRows>
  if (typeof columnBatches === 'function') return () => inColumns(columnBatches.call(rows))
  if (isReadOnce(rows)) return keptBatches(rows)
  return (size, wanted) => inBatches(rows, size, wanted)
}

/** A generator or stream, which is its own iterator. */
function isReadOnce(rows: AsyncIterable<SourceRow> | Iterable<SourceRow>): boolean {
  if (Symbol.iterator in rows) return typeof (rows as { next?: unknown }).next === 'function'
  return (
    typeof (rows as { next?: unknown; read?: unknown }).next === 'function' ||
    'read' in rows ||
    'getReader' in rows
  )
}

/** Batches of what can be read once, kept for the readings that follow. */
function keptBatches(rows: AsyncIterable<SourceRow> | Iterable<SourceRow>): Batches {
  let kept: Promise<SourceRow[]> | undefined
  const all = async (): Promise<SourceRow[]> => {
    const list: SourceRow[] = []
    for await (const row of rows) list.push(row)
    return list
  }
  return async function* (size, wanted) {
    kept ??= all()
    yield* inBatches(await kept, size, wanted)
  }
}

/** Batches of rows. Where these are in memory, none of them is waited for. */
export function inBatches(
  rows: AsyncIterable<SourceRow> | Iterable<SourceRow>,
  size = batchRows,
  wanted?: readonly string[],
): AsyncIterable<Batch> | Iterable<Batch> {
  return Symbol.iterator in rows ? batchesAtOnce(rows, size, wanted) : batchesInTurn(rows, size, wanted)
}

function* batchesAtOnce(rows: Iterable<SourceRow>, size: number, wanted?: readonly string[]) {
  const builder = new BatchBuilder(size, wanted)
  for (const row of rows) if (builder.add(row)) yield builder.take()
  if (!builder.isEmpty) yield builder.take()
}

async function* batchesInTurn(rows: AsyncIterable<SourceRow>, size: number, wanted?: readonly string[]) {
  const builder = new BatchBuilder(size, wanted)
  for await (const row of rows) if (builder.add(row)) yield builder.take()
  if (!builder.isEmpty) yield builder.take()
}

/** Gathers rows until they are a batch. */
class BatchBuilder {
  readonly #size: number
  readonly #wanted: readonly string[] | undefined
  #rows: SourceRow[] = []
  #position = 0

  constructor(size: number, wanted: readonly string[] | undefined) {
    this.#size = size
    this.#wanted = wanted
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0
  }

  /** Whether the batch is full. @throws DataError for what is no row. */
  add(row: SourceRow): boolean {
    if (typeof row !== 'object' || row === null)
      throw new DataError({
        where: `row ${this.#position}`,
        expected: 'an object with the cells by the names of their columns',
        received: row === null ? 'null' : typeof row,
      })
    this.#position += 1
    return this.#rows.push(row) === this.#size
  }

  /** The rows so far as columns. */
  take(): Batch {
    const rows = this.#rows
    this.#rows = []
    const names = (): readonly string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))]
    const columns = (this.#wanted ?? names()).flatMap((name) => {
      const cells = cellsOf(rows, name)
      return cells === undefined ? [] : [[name, cells] as const]
    })
    return { length: rows.length, columns: Object.fromEntries(columns), names }
  }
}

/** A column of rows, null where one lacks it; undefined where all do. */
function cellsOf(rows: readonly SourceRow[], name: string): unknown[] | undefined {
  const cells = new Array<unknown>(rows.length).fill(null)
  let isThere = false
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Readonly<Record<string, unknown>>
    if (!Object.hasOwn(row, name)) continue
    cells[i] = row[name]
    isThere = true
  }
  return isThere ? cells : undefined
}

/** Columns that come in batches of their own. */
export async function* inColumns(batches: AsyncIterable<SourceColumns> | Iterable<SourceColumns>) {
  for await (const columns of batches) yield batchOf(columns, Object.values(columns)[0]?.length ?? 0)
}

const batchOf = (columns: SourceColumns, length: number): Batch => ({
  length,
  columns,
  names: () => Object.keys(columns),
})

export function* slicesOf(columns: SourceColumns, length: number, rows = batchRows): Generator<Batch> {
  for (let start = 0; start < length; start += rows) {
    const end = Math.min(length, start + rows)
    const sliced = Object.entries(columns).map(([name, values]) => [
      name,
      Array.from({ length: end - start }, (_, i) => values[start + i]),
    ])
    yield batchOf(Object.fromEntries(sliced), end - start)
  }
}
