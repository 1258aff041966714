import type { Expression, Readable } from './expression.ts'

/** SQL as a text, over files that it may read. */
export interface SqlSource {
  /** A SELECT of DuckDB's SQL. */
  readonly sql: string
  /**
   * What it reads, by the names that it uses: `{ trips: 'data/trips.csv' }`, each read as `readTable` reads it; or files alone,
   * which are then called by their paths or by their names without an ending: `FROM 'data/trips.csv'`, `FROM trips`.
   */
  readonly files: string | readonly string[] | Readonly<Record<string, string | readonly string[] | Readable>>
}

/** What a table is read from. */
export type TableSource = string | readonly string[] | SqlSource | Expression
