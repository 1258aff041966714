import type { RowSource } from '@typegrad/data'
import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { SplitKind } from './interactions/split.ts'
import type { RecommendTask } from './models/scorer.ts'
import { modelNames, type RecommendModelName } from './models/table.ts'

export interface RecommendOptions {
  /** The column that says who. */
  readonly user: string
  /** The column that says what was taken. */
  readonly item: string
  /** The column with numbers that say how much it was liked. Default none: what was taken at all is learned from. */
  readonly rating?: string
  /** The column with dates or numbers that say when. Default none. */
  readonly time?: string
  /** A table, or its path, with a row for each user: the column `user`, and what is known of them. Default none. */
  readonly userFeatures?: string | RowSource
  /** The same of items, with the column `item`: those that were never taken can then be recommended. Default none. */
  readonly itemFeatures?: string | RowSource
  /**
   * `'ratings'`: ratings of pairs are predicted, and judged by RMSE. `'ranking'`: what will be taken is put first, whatever its rating,
   * and judged by NDCG. Default `'ratings'` with `rating`, else `'ranking'`.
   */
  readonly task?: RecommendTask
  /**
   * What is held back to choose and judge by: `'last'`, the latest of each user (one, and of ratings `testShare`); `'date'`, the latest of
   * all; `'random'`. Default `'last'` with `time`, else `'random'`.
   */
  readonly split?: SplitKind
  /** The share of the rows that is judged on, and again as many by which models are chosen. Default 0.1. */
  readonly testShare?: number
  /** How long the lists are that are judged. Default 10. */
  readonly k?: number
  /** The models that are tried, beside the baselines, which always are. Default all that the columns allow. */
  readonly models?: readonly RecommendModelName[]
  /**
   * Seconds for training. After three quarters of them no further model is begun, and one under way ends with what it has; in the rest what
   * was chosen is fitted anew to all rows, or stays as it was chosen where they do not suffice. Default 120.
   */
  readonly budget?: number
  /** Of all that is by chance. Default 0. */
  readonly seed?: number
  /** Ends training with an error. */
  readonly signal?: AbortSignal
  /** Ends training with the best that there is by then, as a budget that is over does. */
  readonly stop?: AbortSignal
  /** Is told what is being done, in sentences. Default nothing is told. */
  readonly onProgress?: (message: string) => void
}

export const recommendChecks = optionsOf<RecommendOptions>()({
  user: checks.needed(checks.string),
  item: checks.needed(checks.string),
  rating: checks.string,
  time: checks.string,
  userFeatures: checks.anything,
  itemFeatures: checks.anything,
  task: checks.oneOf('ratings', 'ranking'),
  split: checks.oneOf('last', 'date', 'random'),
  testShare: {
    expected: 'a share above 0 and below 0.4',
    accepts: (value) => typeof value === 'number' && value > 0 && value < 0.4,
  },
  k: checks.wholeFrom(1),
  models: {
    expected: `an array of ${modelNames.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.every((name) => modelNames.includes(name)),
  },
  budget: checks.positive,
  seed: checks.integer,
  signal: checks.abortSignal,
  stop: checks.abortSignal,
  onProgress: checks.func,
})
