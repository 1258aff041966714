import { ThresholdCounts, type ThresholdOptions } from './threshold-counts.ts'

/** See {@link falsePositives}. */
export class FalsePositives extends ThresholdCounts {
  readonly className = 'FalsePositives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'false_positives', 'falsePositives')
  }
}

/** The number of labels of 0 whose scores are above the threshold, or the sum of their weights. */
export const falsePositives = (options: ThresholdOptions = {}): FalsePositives => new FalsePositives(options)
