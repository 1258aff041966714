import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { L1L2 } from './l1l2.ts'

export interface L2Options {
  /** Factor of Σw². Default 0.01. */
  readonly l2?: number | undefined
}

export const l2Checks = optionsOf<L2Options>()({ l2: number })

/** See {@link l2}. */
@takes(l2Checks)
export class L2 extends L1L2 {
  override readonly className = 'L2'

  constructor({ l2 = 0.01 }: L2Options = {}) {
    super({ l2 })
  }

  override getConfig(): Record<string, unknown> {
    return { l2: this.l2 }
  }
}

/**
 * l2·Σw²: keeps weights small (ridge regression; Hoerl and Kennard 1970).
 *
 * @throws ArgumentError for a negative factor.
 * @example
 * layers.dense({ units: 64, kernelRegularizer: regularizers.l2({ l2: 1e-4 }) })
 */
export const l2 = (options: L2Options = {}): L2 => new L2(options)
