import type { HubOptions } from '@typegrad/hub'
import type { Features } from './features/feature.ts'

/** What of a data set is loaded, and how. */
export interface LoadDatasetOptions extends HubOptions {
  /** Whether rows stay in their files, to be read again for each reading, a part at a time. Default false. */
  readonly streaming?: boolean
  /** Columns that are read; Parquet's others are not even looked at. Default all. */
  readonly columns?: readonly string[]
  /** One of those that the card names. Default the card's default, or its only one. */
  readonly config?: string
  /**
   * Files, by their paths from the folder on, with `*` and `**`: of `train`, or of each split. Default what the card or the names
   * of files say.
   */
  readonly dataFiles?: string | readonly string[] | Readonly<Record<string, string | readonly string[]>>
  /** What the columns hold. Default what the files, the card or `dataset_info.json` say; else it is inferred from the rows. */
  readonly features?: Features
  /** Of JSON: the name under which the rows stand in a file that is one object. */
  readonly field?: string
  /** Of CSV: what stands between cells. Default a comma, in `.tsv` a tab. */
  readonly delimiter?: string
  /** Rows that are looked at for features when streaming. Default 1000. */
  readonly inferFrom?: number
  /** The split that is loaded. Default all. */
  readonly split?: string
}
