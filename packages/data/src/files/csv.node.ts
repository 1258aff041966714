import { FormatError } from 'typegrad/core'
import type { Features } from '../features/feature.ts'
import { FeaturesOfTexts } from '../features/inferred-features.ts'
import { csvRecords } from './csv-records.node.ts'
import type { DataFile, FileFormat, FileOptions, StoredRow } from './data-file.ts'
import { piecesOf } from './lines.node.ts'

/** CSV and TSV with a line of names (RFC 4180), by csv-parse, read a piece at a time. */
export const csv: FileFormat = { name: 'CSV', open: openCsv, infer: inferCsv }

/** What stands for a cell without a value, as in pandas' `read_csv`. */
const missing: ReadonlySet<string> = new Set(
  '|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null'.split(
    '|',
  ),
)

async function openCsv(path: string, { delimiter }: FileOptions): Promise<DataFile> {
  const between = delimiter ?? (/\.tsv(\.gz)?$/i.test(path) ? '\t' : ',')
  let columns: readonly string[] | undefined
  for await (const { record } of recordsOf(path, between)) {
    columns = record
    break
  }
  if (columns === undefined)
    throw new FormatError({
      where: path,
      expected: 'a line with the names of columns',
      received: 'an empty file',
    })
  const names = columns
  const doubled = names.filter((name, i) => names.indexOf(name) !== i)
  if (doubled.length > 0)
    throw new FormatError({
      where: `${path}: line 1`,
      expected: 'a name for each column',
      received: `${[...new Set(doubled)].map((name) => `'${name}'`).join(', ')} more than once`,
    })
  return { path, features: undefined, columns: names, rows: (wanted) => rowsOf(path, between, names, wanted) }
}

async function* rowsOf(
  path: string,
  delimiter: string,
  names: readonly string[],
  wanted: readonly string[] = names,
): AsyncGenerator<StoredRow> {
  const places = wanted.map((name) => [name, names.indexOf(name)] as const)
  let isHeader = true
  for await (const { record, line } of recordsOf(path, delimiter)) {
    if (isHeader) {
      isHeader = false
      continue
    }
    const values: Record<string, string | null> = {}
    for (const [name, place] of places) {
      const text = record[place] ?? ''
      values[name] = missing.has(text) ? null : text
    }
    yield { values, place: `line ${line}` }
  }
}

const recordsOf = (path: string, delimiter: string) => csvRecords(path, piecesOf(path), { delimiter })

/** By columns of all files together. */
async function inferCsv(files: readonly DataFile[], most: number): Promise<Features> {
  const columns = files[0]?.columns ?? []
  const seen = new FeaturesOfTexts(columns)
  let count = 0
  for (const file of files)
    for await (const { values } of file.rows()) {
      seen.see(columns.map((name) => (values[name] ?? null) as string | null))
      count += 1
      if (count === most) return seen.features
    }
  return seen.features
}
