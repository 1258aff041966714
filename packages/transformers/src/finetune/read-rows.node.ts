import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { createInterface } from 'node:readline'
import { CsvError, type Info, parse } from 'csv-parse/sync'
import { FormatError } from 'typegrad/core'
import type { PlacedRow } from './placed-row.ts'

/** How many broken lines an error lists. */
const listed = 5

/**
 * The rows of a file, by its ending: `.jsonl` (an object a line), `.csv` or `.tsv` (names in the first line; all values are
 * text).
 *
 * @throws FormatError naming each line that is broken; the file system's error where there is no file.
 */
export async function readRows(path: string): Promise<readonly PlacedRow[]> {
  const kind = extname(path).toLowerCase()
  if (kind === '.jsonl' || kind === '.ndjson') return jsonLines(path)
  if (kind === '.csv' || kind === '.tsv') return table(path, await readFile(path, 'utf8'), kind)
  throw new FormatError({
    where: path,
    expected: 'a file that ends in .jsonl, .csv or .tsv',
    received: kind === '' ? 'one without an ending' : `'${kind}'`,
    fix: 'Read it yourself and give the rows: any array or asynchronous iterable of them will do.',
  })
}

/** The rows of a table as text (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180), each with the line that it ends in. */
function table(path: string, text: string, kind: '.csv' | '.tsv'): readonly PlacedRow[] {
  const options = {
    bom: true,
    columns: (names: string[]) => distinct(path, names),
    info: true,
    skip_empty_lines: true,
  } as const
  try {
    const records = parse(text, {
      ...options,
      delimiter: kind === '.csv' ? ',' : '\t',
    }) as unknown as readonly {
      readonly record: Readonly<Record<string, string>>
      readonly info: Info
    }[]
    return records.map(({ record, info }) => ({
      row: record,
      place: `${basename(path)}, line ${info.lines}`,
    }))
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const { lines } = cause as CsvError & Partial<Info>
    throw new FormatError(
      {
        where: lines === undefined ? path : `${path}, line ${lines}`,
        expected: 'a table, each line of which has a value for each name in the first',
        received: cause.message,
        fix: 'A value with a separator or a quotation mark in it stands in quotation marks, and those within it are doubled.',
      },
      { cause },
    )
  }
}

/** @throws FormatError for a name that several columns have. */
function distinct(path: string, names: readonly string[]): string[] {
  const doubled = names.filter((name, i) => names.indexOf(name) !== i)
  if (doubled.length === 0) return [...names]
  throw new FormatError({
    where: `${path}, line 1`,
    expected: 'a name for each column',
    received: `${[...new Set(doubled)].map((name) => `'${name}'`).join(', ')} more than once`,
  })
}

async function jsonLines(path: string): Promise<readonly PlacedRow[]> {
  const rows: PlacedRow[] = []
  const broken: string[] = []
  let line = 0
  for await (const text of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1
    if (text.trim() === '') continue
    try {
      // A file may begin with a byte order mark.
      rows.push({
        row: JSON.parse(line === 1 ? text.replace(/^\uFEFF/, '') : text),
        place: `${basename(path)}, line ${line}`,
      })
    } catch (cause) {
      broken.push(`line ${line} (${(cause as Error).message})`)
    }
  }
  if (broken.length === 0) return rows
  const more = broken.length > listed ? `, and ${broken.length - listed} more` : ''
  throw new FormatError({
    where: path,
    expected: 'JSON in each line',
    received: `${broken.slice(0, listed).join('; ')}${more}`,
  })
}
