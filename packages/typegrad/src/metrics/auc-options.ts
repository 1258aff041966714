import { anything, boolean, number, optionsOf } from '../base/options.ts'
import type { SummationMethod } from './auc-curve.ts'
import { type MetricOptions, metricChecks } from './metric.ts'

export interface AUCOptions extends MetricOptions {
  /** At how many scores from 0 to 1 the curve is known. Default 200. */
  readonly numThresholds?: number | undefined
  /**
   * The rate of true positives over that of false ones (`'ROC'`), precision over recall (`'PR'`), or the gains
   * of both (`'PRGAIN'`, Flach and Kull 2015). Default `'ROC'`.
   */
  readonly curve?: 'ROC' | 'PR' | 'PRGAIN' | 'roc' | 'pr' | 'prgain' | undefined
  /** Between two thresholds the mean, the larger or the smaller height. Default `'interpolation'`. */
  readonly summationMethod?: SummationMethod | undefined
  /** Between 0 and 1, in place of `numThresholds`. Default: `numThresholds` of them, evenly spaced. */
  readonly thresholds?: readonly number[] | undefined
  /** Whether each column of (batch, labels) has a curve, whose areas are averaged. Default false. */
  readonly multiLabel?: boolean | undefined
  /** Number of labels with `multiLabel`. Default: as the first batch has. */
  readonly numLabels?: number | undefined
  /** What each label counts. Default: all the same. */
  readonly labelWeights?: readonly number[] | undefined
  /** Whether predictions are logits rather than probabilities. Default false. */
  readonly fromLogits?: boolean | undefined
  /**
   * Whether the curve is known at every score that occurs: all scores are kept until the metric begins anew (12 bytes
   * each), and sorted when it is read. Not with thresholds, multiLabel or labelWeights. Default false, as Keras.
   */
  readonly exact?: boolean | undefined
}

export const aucChecks = optionsOf<AUCOptions>()({
  numThresholds: number,
  curve: anything,
  summationMethod: anything,
  thresholds: anything,
  multiLabel: boolean,
  numLabels: number,
  labelWeights: anything,
  exact: boolean,
  fromLogits: boolean,
  ...metricChecks,
})
