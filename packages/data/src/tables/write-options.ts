import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'

export interface WriteTableOptions {
  /** What is written. Default what the path ends in. */
  readonly format?: 'csv' | 'parquet' | 'json' | 'jsonl'
  /** Of CSV: what stands between cells. Default a comma, in `.tsv` a tab. */
  readonly delimiter?: string
  /** Of Parquet: how columns are packed. Default `'zstd'`. */
  readonly compression?: 'zstd' | 'snappy' | 'gzip' | 'none'
}

export const writeChecks = optionsOf<WriteTableOptions>()({
  format: checks.oneOf('csv', 'parquet', 'json', 'jsonl'),
  delimiter: checks.string,
  compression: checks.oneOf('zstd', 'snappy', 'gzip', 'none'),
})
