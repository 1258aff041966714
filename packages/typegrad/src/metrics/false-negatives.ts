import { takes } from '../base/takes.ts'
import { ThresholdCounts, type ThresholdOptions, thresholdChecks } from './threshold-counts.ts'

/** See {@link falseNegatives}. */
@takes(thresholdChecks)
export class FalseNegatives extends ThresholdCounts {
  readonly className = 'FalseNegatives'

  constructor(options: ThresholdOptions = {}) {
    super(options, 'false_negatives', 'falseNegatives')
  }
}

/** The number of labels of 1 whose scores are not above the threshold, or the sum of their weights. */
export const falseNegatives = (options: ThresholdOptions = {}): FalseNegatives => new FalseNegatives(options)
