import { takes } from '../base/takes.ts'
import { ThresholdCounts, type ThresholdOptions, thresholdChecks } from './threshold-counts.ts'

/** See {@link trueNegatives}. */
@takes(thresholdChecks)
export class TrueNegatives extends ThresholdCounts {
  readonly className = 'TrueNegatives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'true_negatives', 'trueNegatives')
  }
}

/** The number of labels of 0 whose scores are not above the threshold, or the sum of their weights. */
export const trueNegatives = (options: ThresholdOptions = {}): TrueNegatives => new TrueNegatives(options)
