import { takes } from '../base/takes.ts'
import { ThresholdRatio, type ThresholdRatioOptions, thresholdRatioChecks } from './threshold-ratio.ts'

/** See {@link precision}. */
@takes(thresholdRatioChecks)
export class Precision extends ThresholdRatio {
  readonly className = 'Precision'

  constructor(options: ThresholdRatioOptions = {}) {
    super(options, 'precision', 'falsePositives')
  }
}

/**
 * The share of labels of 1 among what is predicted as 1, over all batches; 0 if nothing is.
 *
 * @throws ArgumentError for thresholds outside of 0 to 1.
 * @example
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.precision({ thresholds: 0.7 })] })
 */
export const precision = (options: ThresholdRatioOptions = {}): Precision => new Precision(options)
