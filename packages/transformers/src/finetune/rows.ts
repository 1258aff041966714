import { DataError } from 'typegrad/core'
import type { PlacedRow } from './placed-row.ts'

/**
 * Rows as users have them: in memory, a file of JSON lines (`.jsonl`) or a table (`.csv`, `.tsv`) with names in its first
 * line, or a stream: a `Dataset`, another asynchronous iterable, or a function that makes one anew for each epoch.
 */
export type RowData<Row> = Iterable<Row> | AsyncIterable<Row> | (() => AsyncIterable<Row>) | string

/** Which of the data's columns is what the task calls it: `{ text: 'review', label: 'stars' }`. */
export type Columns = Readonly<Record<string, string>>

/** Rows in memory, or as they come. */
export type PlacedRows =
  | { readonly kind: 'memory'; readonly rows: readonly PlacedRow[] }
  | { readonly kind: 'stream'; readonly rows: () => AsyncIterable<PlacedRow> }

/**
 * Rows with their places; files are read.
 *
 * @param what for errors, such as `validationData`.
 * @throws DataError for what gives no rows; FormatError for a file that is none, with the line.
 */
export async function placedRows(
  what: string,
  data: RowData<unknown>,
  columns: Columns | undefined,
): Promise<PlacedRows> {
  const renamed = (row: unknown) => (columns === undefined ? row : withColumns(row, columns))
  if (typeof data === 'string') {
    const { readRows } = await import('./read-rows.node.ts')
    const rows = await readRows(data)
    return inMemory(
      what,
      rows.map(({ row, place }) => ({ row: renamed(row), place })),
    )
  }
  if (
    typeof data === 'function' ||
    (typeof data === 'object' && data !== null && Symbol.asyncIterator in data)
  ) {
    return { kind: 'stream', rows: () => streamed(data, what, renamed) }
  }
  if (typeof data !== 'object' || data === null || !(Symbol.iterator in data)) {
    throw new DataError({
      where: `finetune: ${what}`,
      expected: 'rows: an array, a path of a .jsonl or .csv file, a Dataset or another stream',
      received: data === null ? 'null' : typeof data,
    })
  }
  return inMemory(
    what,
    Array.from(data, (row, i) => ({ row: renamed(row), place: `${what}, row ${i}` })),
  )
}

function inMemory(what: string, rows: readonly PlacedRow[]): PlacedRows {
  if (rows.length > 0) return { kind: 'memory', rows }
  throw new DataError({ where: `finetune: ${what}`, expected: 'at least one row', received: 'none' })
}

async function* streamed(
  data: AsyncIterable<unknown> | (() => AsyncIterable<unknown>),
  what: string,
  renamed: (row: unknown) => unknown,
): AsyncGenerator<PlacedRow, void> {
  let i = 0
  for await (const row of typeof data === 'function' ? data() : data) {
    yield { row: renamed(row), place: `${what}, row ${i++}` }
  }
}

/** The row with the task's names; what is no object is the task's to refuse. */
function withColumns(row: unknown, columns: Columns): unknown {
  if (typeof row !== 'object' || row === null) return row
  const given = row as Readonly<Record<string, unknown>>
  return { ...given, ...Object.fromEntries(Object.entries(columns).map(([to, from]) => [to, given[from]])) }
}
