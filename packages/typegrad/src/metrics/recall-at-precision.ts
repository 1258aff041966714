import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  BestThreshold,
  type BestThresholdOptions,
  bestThresholdChecks,
  precisionRatio,
  recallRatio,
} from './best-threshold.ts'

export interface RecallAtPrecisionOptions extends BestThresholdOptions {
  /** The precision that is asked for, from 0 to 1. */
  readonly precision: number
}

export const recallAtPrecisionChecks = optionsOf<RecallAtPrecisionOptions>()({
  precision: needed(number),
  ...bestThresholdChecks,
})

/** See {@link recallAtPrecision}. */
@takes(recallAtPrecisionChecks)
export class RecallAtPrecision extends BestThreshold {
  readonly className = 'RecallAtPrecision'
  readonly precision: number

  constructor({ precision, ...options }: RecallAtPrecisionOptions) {
    super(options, 'recall_at_precision', ['precision', precision], {
      limited: precisionRatio,
      wanted: recallRatio,
    })
    this.precision = precision
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), precision: this.precision }
  }
}

/**
 * The best recall over all batches among the thresholds whose precision is at least as asked; 0 if none's is.
 *
 * @throws ArgumentError for a precision outside of 0 to 1.
 * @example
 * metrics.recallAtPrecision({ precision: 0.8 })
 */
export const recallAtPrecision = (options: RecallAtPrecisionOptions): RecallAtPrecision =>
  new RecallAtPrecision(options)
