import { Readable } from 'node:stream'
import { type CsvError, type Info, type Options, parse } from 'csv-parse'
import { FormatError } from 'typegrad/core'

/** A record, and the line in which it ends. */
export interface CsvRecord {
  readonly record: readonly string[]
  readonly line: number
}

/**
 * The records of a text of CSV, by csv-parse, as it is read.
 *
 * @param path whose text it is, for errors.
 * @param options of csv-parse, beside those that records and their lines need.
 * @throws FormatError naming the line of what is no table: a ragged record, an open quote.
 */
export async function* csvRecords(
  path: string,
  text: AsyncIterable<string>,
  options: Options,
): AsyncGenerator<CsvRecord> {
  const parser = parse({ bom: true, info: true, skip_empty_lines: true, ...options })
  const pieces = Readable.from(text)
  pieces.on('error', (error) => parser.destroy(error))
  pieces.pipe(parser)
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>)
      yield { record, line: info.lines }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    const { lines } = cause as CsvError & { lines?: number }
    throw new FormatError(
      {
        where: lines === undefined ? path : `${path}: line ${lines}`,
        expected: 'a table of CSV',
        received: (cause as Error).message,
      },
      { cause },
    )
  } finally {
    pieces.destroy()
    parser.destroy()
  }
}
