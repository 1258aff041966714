import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  BestThreshold,
  type BestThresholdOptions,
  bestThresholdChecks,
  recallRatio,
  specificityRatio,
} from './best-threshold.ts'

export interface SensitivityAtSpecificityOptions extends BestThresholdOptions {
  /** The specificity that is asked for, from 0 to 1. */
  readonly specificity: number
}

export const sensitivityAtSpecificityChecks = optionsOf<SensitivityAtSpecificityOptions>()({
  specificity: needed(number),
  ...bestThresholdChecks,
})

/** See {@link sensitivityAtSpecificity}. */
@takes(sensitivityAtSpecificityChecks)
export class SensitivityAtSpecificity extends BestThreshold {
  readonly className = 'SensitivityAtSpecificity'
  readonly specificity: number

  constructor({ specificity, ...options }: SensitivityAtSpecificityOptions) {
    super(options, 'sensitivity_at_specificity', ['specificity', specificity], {
      limited: specificityRatio,
      wanted: recallRatio,
    })
    this.specificity = specificity
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), specificity: this.specificity }
  }
}

/**
 * The best sensitivity over all batches among the thresholds whose specificity is at least as asked; 0 if none's is.
 *
 * @throws ArgumentError for a specificity outside of 0 to 1.
 * @example
 * metrics.sensitivityAtSpecificity({ specificity: 0.8 })
 */
export const sensitivityAtSpecificity = (
  options: SensitivityAtSpecificityOptions,
): SensitivityAtSpecificity => new SensitivityAtSpecificity(options)
