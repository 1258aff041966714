import { takes } from '../base/takes.ts'
import { ThresholdCounts, type ThresholdOptions, thresholdChecks } from './threshold-counts.ts'

/** See {@link truePositives}. */
@takes(thresholdChecks)
export class TruePositives extends ThresholdCounts {
  readonly className = 'TruePositives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'true_positives', 'truePositives')
  }
}

/** The number of labels of 1 whose scores are above the threshold, or the sum of their weights. */
export const truePositives = (options: ThresholdOptions = {}): TruePositives => new TruePositives(options)
