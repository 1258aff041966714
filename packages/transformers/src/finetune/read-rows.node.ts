import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { createInterface } from 'node:readline'
import { FormatError } from 'typegrad/core'
import { parseTable } from './parse-table.ts'
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
  if (kind === '.csv' || kind === '.tsv') {
    const rows = parseTable(await readFile(path, 'utf8'), kind === '.csv' ? ',' : '\t', path)
    return rows.map(({ row, line }) => ({ row, place: `${basename(path)}, line ${line}` }))
  }
  throw new FormatError({
    where: path,
    expected: 'a file that ends in .jsonl, .csv or .tsv',
    received: kind === '' ? 'one without an ending' : `'${kind}'`,
    fix: 'Read it yourself and give the rows: any array or asynchronous iterable of them will do.',
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
