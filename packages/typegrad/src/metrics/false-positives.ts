import { takes } from '../base/takes.ts'
import { ThresholdCounts, type ThresholdOptions, thresholdChecks } from './threshold-counts.ts'

/** See {@link falsePositives}. */
@takes(thresholdChecks)
export class FalsePositives extends ThresholdCounts {
  readonly className = 'FalsePositives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'false_positives', 'falsePositives')
  }
}

/** The number of labels of 0 whose scores are above the threshold, or the sum of their weights. */
export const falsePositives = (options: ThresholdOptions = {}): FalsePositives => new FalsePositives(options)
