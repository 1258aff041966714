import { DataError } from 'typegrad/core'
import { type EncodedSample, type PreparedTask, RowFault } from '../tasks/task.ts'
import type { PlacedRow } from './placed-row.ts'

/** How many faults an error lists. */
const listed = 5
/** Milliseconds of encoding between two turns of the event loop. */
const slice = 5

/** Rows as numbers, and what was cut off. */
export interface EncodedRows<Row, Example> {
  readonly samples: readonly EncodedSample<Row, Example>[]
  /** How many rows were longer than the model reads. */
  readonly truncated: number
}

/**
 * Encodes rows in memory. Everything that is wrong with them is told at once.
 *
 * @param what for errors, such as `data`.
 * @throws DataError for rows that the task refuses, for rows that are too long unless the task cuts them, and where nothing is
 * left to learn from.
 */
export async function encodeRows<Row, Example>(
  what: string,
  rows: readonly PlacedRow[],
  task: PreparedTask<Row, Example>,
): Promise<EncodedRows<Row, Example>> {
  const samples: EncodedSample<Row, Example>[] = []
  const faults: string[] = []
  const long: { readonly place: string; readonly tokens: number }[] = []
  let turned = performance.now()
  for (const { row, place } of rows) {
    const sample = encoded(row, task)
    if (sample instanceof RowFault) faults.push(`${place}: ${sample.message}`)
    else {
      samples.push(sample)
      if (sample.tooLong !== undefined) long.push({ place, tokens: sample.tooLong })
    }
    if (performance.now() - turned < slice) continue
    await new Promise((resolve) => setTimeout(resolve))
    turned = performance.now()
  }
  if (faults.length > 0) throw faulty(what, faults, rows.length)
  if (long.length > 0 && !task.truncates) throw tooLong(what, long, rows.length, task.longest)
  if (samples.every(({ examples }) => examples.length === 0)) {
    throw new DataError({
      where: `finetune: ${what}`,
      expected: 'something to learn from',
      received: `${rows.length} rows without an example`,
    })
  }
  return { samples, truncated: long.length }
}

/** One row of a stream. @throws DataError as above. */
export function encodeRow<Row, Example>(
  what: string,
  { row, place }: PlacedRow,
  task: PreparedTask<Row, Example>,
): EncodedSample<Row, Example> {
  const sample = encoded(row, task)
  if (sample instanceof RowFault) throw faulty(what, [`${place}: ${sample.message}`], 1)
  if (sample.tooLong === undefined || task.truncates) return sample
  throw tooLong(what, [{ place, tokens: sample.tooLong }], 1, task.longest)
}

function encoded<Row, Example>(
  row: unknown,
  task: PreparedTask<Row, Example>,
): EncodedSample<Row, Example> | RowFault {
  try {
    return task.encode(row)
  } catch (error) {
    if (error instanceof RowFault) return error
    throw error
  }
}

function faulty(what: string, faults: readonly string[], rows: number): DataError {
  const more = faults.length > listed ? `; and ${faults.length - listed} more` : ''
  return new DataError({
    where: `finetune: ${what}`,
    expected: 'rows as the task has them',
    received: `${faults.length} of ${rows} that are not: ${faults.slice(0, listed).join('; ')}${more}`,
    fix: 'Columns of other names are given by columns: { text: "review" }.',
  })
}

function tooLong(
  what: string,
  long: readonly { readonly place: string; readonly tokens: number }[],
  rows: number,
  longest: number | undefined,
): DataError {
  const worst = long.reduce((a, b) => (b.tokens > a.tokens ? b : a))
  return new DataError({
    where: `finetune: ${what}`,
    expected: `rows of at most ${longest} tokens, which the model reads`,
    received: `${long.length} of ${rows} that are longer, the longest ${worst.place} with ${worst.tokens}`,
    fix: 'Cut them off with truncation: true in the task, which loses their ends, or into shorter rows.',
  })
}
