import type { Features } from '../features/feature.ts'

/** What DuckDB may use for the queries of a table. */
export interface TableLimits {
  /**
   * Memory for queries, as `'2GB'` or in bytes; what does not fit (orders, groups, joins) is spilled to files. Rows that are
   * handed out, and JavaScript, come on top. Default half of the machine's.
   */
  readonly memoryLimit?: string | number
  /** Where files are spilled, in a folder of their own that is removed at `close` and at the end of the process. Default the system's for temporary files. */
  readonly spillFolder?: string
  /** Threads that queries run on. Default one for each core. */
  readonly threads?: number
}

/** A value that is not of its column's type. */
export interface Misplaced {
  /** `trips.csv: line 900001` */
  readonly place: string
  readonly value: string
}

/** Files that DuckDB reads itself. */
export interface FileSource {
  readonly kind: 'files'
  /** Absolute paths; a query can open these, and no others. */
  readonly files: readonly string[]
  /** A query of SQL that gives the rows. */
  readonly scan: string
  readonly columns: readonly string[]
  /** About how many rows there are, from a look at some places of the files; undefined where that takes reading them. */
  readonly expectedRows?: () => Promise<number | undefined>
  /** Finds the first value of a column that is not of its type. */
  readonly locate?: (column: string) => Promise<Misplaced | undefined>
}

/** Columns of values as they are put into DuckDB. */
export interface ColumnBatch {
  readonly rows: number
  /** By the order of the source's columns. */
  readonly columns: readonly ArrayLike<unknown>[]
}

/** Rows that are put into DuckDB before the first query that reads them: those of memory, and of files that it cannot read. */
export interface LoadedSource {
  readonly kind: 'loaded'
  /** Of the table that holds them there. */
  readonly name: string
  readonly features: Features
  readonly batches: () => AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>
}

/** Where rows come from. */
export type Source = FileSource | LoadedSource
