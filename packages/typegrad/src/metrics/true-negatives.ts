import { ThresholdCounts, type ThresholdOptions } from './threshold-counts.ts'

/** See {@link trueNegatives}. */
export class TrueNegatives extends ThresholdCounts {
  readonly className = 'TrueNegatives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'true_negatives', 'trueNegatives')
  }
}

/** The number of labels of 0 whose scores are not above the threshold, or the sum of their weights. */
export const trueNegatives = (options: ThresholdOptions = {}): TrueNegatives => new TrueNegatives(options)
