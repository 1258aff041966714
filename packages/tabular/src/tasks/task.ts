/**
 * `tasks/`: what is predicted: which kind of task a target is, what its cells become, and which targets nothing can be learned from.
 * It knows frames of `@typegrad/data`, and nothing of models.
 */
import type { Category } from '@typegrad/data'

/** What can be predicted of a table's rows. */
export type TaskKind =
  /** One of two classes. */
  | 'binary'
  /** One of several classes. */
  | 'classes'
  /** Any of several labels at once. */
  | 'labels'
  /** A number. */
  | 'regression'
  /** Quantiles of a number. */
  | 'quantiles'
  /** How often something happens. */
  | 'counts'
  /** The order of rows within groups. */
  | 'ranking'

interface Found {
  /** Columns that are predicted, which are no features. */
  readonly targets: readonly string[]
  /** Rows whose target is known, by their places. */
  readonly rows: Uint32Array
  /** How many rows lack their target. */
  readonly missing: number
  /** Why the task is what it is. */
  readonly reason: string
}

/** One of two classes: the second is the one whose probability is predicted. */
export interface BinaryTask extends Found {
  readonly kind: 'binary'
  readonly classes: readonly [Category, Category]
  /** 0 or 1 for each row that is known. */
  readonly values: Float64Array
}

export interface ClassesTask extends Found {
  readonly kind: 'classes'
  readonly classes: readonly Category[]
  /** The number of its class for each row that is known. */
  readonly values: Float64Array
}

export interface LabelsTask extends Found {
  readonly kind: 'labels'
  readonly labels: readonly string[]
  /** For each label 0 or 1 for each row that is known. */
  readonly values: readonly Float64Array[]
}

export interface NumberTask extends Found {
  readonly kind: 'regression' | 'counts'
  readonly values: Float64Array
}

export interface QuantilesTask extends Found {
  readonly kind: 'quantiles'
  /** Ascending, between 0 and 1. */
  readonly levels: readonly number[]
  readonly values: Float64Array
}

export interface RankingTask extends Found {
  readonly kind: 'ranking'
  /** Rows are ordered within the values of this column. */
  readonly group: string
  /** How relevant a row is. */
  readonly values: Float64Array
}

/** What a target is, and its values. */
export type Task = BinaryTask | ClassesTask | LabelsTask | NumberTask | QuantilesTask | RankingTask
