import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { TableLimits } from './source.ts'

/** Formats of files that tables are read from. */
export type TableFormat = 'csv' | 'parquet' | 'json' | 'arrow'

/** How files become a table. */
export interface ReadTableOptions extends TableLimits {
  /** What the files are. Default what their names end in: `.csv`, `.tsv`, `.txt` (also with `.gz`, `.zst`), `.parquet`, `.json`, `.jsonl`, `.ndjson` (also packed), `.arrow`, `.feather`. */
  readonly format?: TableFormat
  /**
   * Whether files with different columns make one table, in which what a file lacks is missing. Default false: they are refused,
   * with the names. Columns are taken by name, never by place.
   */
  readonly unionByName?: boolean
  /**
   * Types of columns, by names that features have: `{ zip: 'string', day: 'date32', price: 'float64' }`. A value that the type cannot
   * hold as it is, such as 1.5 where whole numbers are wanted, is refused. Default what the values of CSV and JSON look like, and what
   * other files say.
   */
  readonly types?: Readonly<Record<string, string>>
  /**
   * Of CSV: rows of each file that are looked at for types, or `'all'`. A value further on that is not of its column's type is refused,
   * with file, line, column and value; whole numbers further on may be written as `007` or `1e3`. Default 10 000. JSON is looked at
   * as a whole.
   */
  readonly inferFrom?: number | 'all'
  /** Of CSV: what stands between cells. Default a tab in `.tsv`; else of comma, semicolon, tab and `|` the one that the first line has most often. */
  readonly delimiter?: string
  /** Of CSV: what stands around cells that hold a delimiter or a line end; doubled inside of them. Default `"`. */
  readonly quote?: string
  /** Of CSV: whether the first line has the names of columns. Default true; without, they are column0, column1 and so on, or `names`. */
  readonly header?: boolean
  /** Of CSV: names of columns, in place of those of the first line. */
  readonly names?: readonly string[]
  /** Of CSV: texts that stand for a missing value. Default those of pandas: nothing, NA, N/A, NULL, null, NaN, nan, None and the like. */
  readonly missing?: readonly string[]
  /** Of CSV: the decimal point. Default `.`. */
  readonly decimal?: '.' | ','
  /** Of CSV: what the text is written in. Default UTF-8, or UTF-16 where its mark stands at the beginning. */
  readonly encoding?: 'utf-8' | 'utf-16' | 'latin-1'
  /** Of CSV: how dates are written, as `strftime` has it: `'%d.%m.%Y'`. Default ISO 8601 (2024-03-31); others stay text. */
  readonly dateFormat?: string
  /** Of CSV: how moments are written. Default ISO 8601 (2024-03-31 23:59:59, with T or a zone); others stay text. */
  readonly timestampFormat?: string
}

export const limitChecks = optionsOf<TableLimits>()({
  memoryLimit: checks.either(checks.string, checks.positive),
  spillFolder: checks.path,
  threads: checks.count,
})

export const readChecks = optionsOf<ReadTableOptions>()({
  format: checks.oneOf('csv', 'parquet', 'json', 'arrow'),
  unionByName: checks.boolean,
  types: checks.anything,
  inferFrom: checks.either(checks.count, checks.oneOf('all')),
  delimiter: checks.string,
  quote: checks.string,
  header: checks.boolean,
  names: checks.list,
  missing: checks.list,
  decimal: checks.oneOf('.', ','),
  encoding: checks.oneOf('utf-8', 'utf-16', 'latin-1'),
  dateFormat: checks.string,
  timestampFormat: checks.string,
  ...limitChecks,
})
