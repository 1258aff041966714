import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { L1L2 } from './l1l2.ts'

export interface L1Options {
  /** Factor of Σ|w|. Default 0.01. */
  readonly l1?: number | undefined
}

export const l1Checks = optionsOf<L1Options>()({ l1: number })

/** See {@link l1}. */
@takes(l1Checks)
export class L1 extends L1L2 {
  override readonly className = 'L1'

  constructor({ l1 = 0.01 }: L1Options = {}) {
    super({ l1 })
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1 }
  }
}

/**
 * l1·Σ|w|: drives weights to exactly 0 (the lasso; Tibshirani 1996).
 *
 * @throws ArgumentError for a negative factor.
 * @example
 * layers.dense({ units: 64, kernelRegularizer: regularizers.l1({ l1: 1e-4 }) })
 */
export const l1 = (options: L1Options = {}): L1 => new L1(options)
