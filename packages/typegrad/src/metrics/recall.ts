import { takes } from '../base/takes.ts'
import { ThresholdRatio, type ThresholdRatioOptions, thresholdRatioChecks } from './threshold-ratio.ts'

/** See {@link recall}. */
@takes(thresholdRatioChecks)
export class Recall extends ThresholdRatio {
  readonly className = 'Recall'

  constructor(options: ThresholdRatioOptions = {}) {
    super(options, 'recall', 'falseNegatives')
  }
}

/**
 * The share of what is predicted as 1 among labels of 1, over all batches; 0 if there are none.
 *
 * @throws ArgumentError for thresholds outside of 0 to 1.
 * @example
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.recall({ thresholds: 0.7 })] })
 */
export const recall = (options: ThresholdRatioOptions = {}): Recall => new Recall(options)
