/**
 * `judging/`: what is found out about a model on the rows that nothing was learned from: curves, what it looks at, where it is weak. It
 * knows frames, tasks and scores, and of a model that it predicts.
 */

/** A place on a curve. */
export type Point = readonly [x: number, y: number]

/** Of two classes, by all thresholds. */
export interface Curves {
  /** True positive rate over false positive rate. */
  readonly roc: readonly Point[]
  /** Precision over recall. */
  readonly precisionRecall: readonly Point[]
  /** The share of all positives that is found, over the share of the rows with the highest probabilities. */
  readonly gain: readonly Point[]
}

/** Rows with like predictions: what was predicted and what there was, on average. */
export interface CalibrationBin {
  readonly predicted: number
  readonly observed: number
  readonly rows: number
}

/** How much worse predictions become when a column's cells change places among the rows. */
export interface ColumnImportance {
  readonly column: string
  /** The loss with the cells in other places, less the loss as it is; the mean of the draws. */
  readonly rise: number
  readonly low: number
  readonly high: number
}

/** The mean prediction with all rows at one value of a column. */
export interface ColumnDependence {
  readonly column: string
  readonly kind: 'number' | 'category' | 'date'
  /** Values, dates as milliseconds since 1970, and for each output the mean. */
  readonly points: readonly { readonly value: number | string; readonly means: readonly number[] }[]
}

/** A row that was predicted worst. */
export interface Mistake {
  /** Its place in what was read, from 0. */
  readonly row: number
  readonly actual: string
  readonly predicted: string
  readonly loss: number
  readonly cells: readonly (readonly [column: string, cell: string])[]
}

/** Rows that are predicted worse than all are. */
export interface Slice {
  readonly column: string
  readonly values: string
  readonly rows: number
  /** The mean loss of its rows. */
  readonly loss: number
  /** How many standard errors that is above that of the other rows. */
  readonly errors: number
}

export interface Judgement {
  readonly curves?: Curves
  /** Of classes and numbers; of several outputs one after another. */
  readonly calibration?: readonly CalibrationBin[]
  /** By classes that there were, and for each those that were predicted. */
  readonly confusion?: readonly (readonly number[])[]
  /** Of numbers: what was predicted and what there was, of some rows. */
  readonly pairs?: readonly Point[]
  /** Of labels, in their order: the share of rows that have it, and the area under its ROC curve. */
  readonly labels?: readonly { readonly share: number; readonly auc: number }[]
  /** Of quantiles: the share of rows below each. */
  readonly coverage?: readonly number[]
  /** The most important first. */
  readonly importance: readonly ColumnImportance[]
  readonly dependence: readonly ColumnDependence[]
  readonly mistakes: readonly Mistake[]
  /** The weakest first. */
  readonly slices: readonly Slice[]
  /** The loss of all rows, which that of slices is held against. */
  readonly loss: number
}
