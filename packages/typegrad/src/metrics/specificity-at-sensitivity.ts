import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import {
  BestThreshold,
  type BestThresholdOptions,
  bestThresholdChecks,
  recallRatio,
  specificityRatio,
} from './best-threshold.ts'

export interface SpecificityAtSensitivityOptions extends BestThresholdOptions {
  /** The sensitivity that is asked for, from 0 to 1. */
  readonly sensitivity: number
}

export const specificityAtSensitivityChecks = optionsOf<SpecificityAtSensitivityOptions>()({
  sensitivity: needed(number),
  ...bestThresholdChecks,
})

/** See {@link specificityAtSensitivity}. */
@takes(specificityAtSensitivityChecks)
export class SpecificityAtSensitivity extends BestThreshold {
  readonly className = 'SpecificityAtSensitivity'
  readonly sensitivity: number

  constructor({ sensitivity, ...options }: SpecificityAtSensitivityOptions) {
    super(options, 'specificity_at_sensitivity', ['sensitivity', sensitivity], {
      limited: recallRatio,
      wanted: specificityRatio,
    })
    this.sensitivity = sensitivity
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), sensitivity: this.sensitivity }
  }
}

/**
 * The best specificity over all batches among the thresholds whose sensitivity is at least as asked; 0 if none's is.
 *
 * @throws ArgumentError for a sensitivity outside of 0 to 1.
 * @example
 * metrics.specificityAtSensitivity({ sensitivity: 0.8 })
 */
export const specificityAtSensitivity = (
  options: SpecificityAtSensitivityOptions,
): SpecificityAtSensitivity => new SpecificityAtSensitivity(options)
