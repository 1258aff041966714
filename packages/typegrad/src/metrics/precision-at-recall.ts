import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  BestThreshold,
  type BestThresholdOptions,
  bestThresholdChecks,
  precisionRatio,
  recallRatio,
} from './best-threshold.ts'

export interface PrecisionAtRecallOptions extends BestThresholdOptions {
  /** The recall that is asked for, from 0 to 1. */
  readonly recall: number
}

export const precisionAtRecallChecks = optionsOf<PrecisionAtRecallOptions>()({
  recall: needed(number),
  ...bestThresholdChecks,
})

/** See {@link precisionAtRecall}. */
@takes(precisionAtRecallChecks)
export class PrecisionAtRecall extends BestThreshold {
  readonly className = 'PrecisionAtRecall'
  readonly recall: number

  constructor({ recall, ...options }: PrecisionAtRecallOptions) {
    super(options, 'precision_at_recall', ['recall', recall], {
      limited: recallRatio,
      wanted: precisionRatio,
    })
    this.recall = recall
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), recall: this.recall }
  }
}

/**
 * The best precision over all batches among the thresholds whose recall is at least as asked; 0 if none's is.
 *
 * @throws ArgumentError for a recall outside of 0 to 1.
 * @example
 * metrics.precisionAtRecall({ recall: 0.8 })
 */
export const precisionAtRecall = (options: PrecisionAtRecallOptions): PrecisionAtRecall =>
  new PrecisionAtRecall(options)
