import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { abs, square } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import { zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Regularizer } from './regularizer.ts'

export interface L1L2Options {
  /** Factor of Σ|w|. Default 0. */
  readonly l1?: number | undefined
  /** Factor of Σw². Default 0. */
  readonly l2?: number | undefined
}

export const l1L2Checks = optionsOf<L1L2Options>()({ l1: number, l2: number })

/** See {@link l1l2}. */
@takes(l1L2Checks)
export class L1L2 extends Regularizer {
  readonly className: string = 'L1L2'
  readonly l1: number
  readonly l2: number

  constructor({ l1 = 0, l2 = 0 }: L1L2Options = {}) {
    super()
    this.l1 = factor('l1', l1)
    this.l2 = factor('l2', l2)
  }

  override penalty(weight: Tensor): Tensor {
    const absolute = this.l1 === 0 ? undefined : mul(sum(abs(weight)), this.l1)
    const squared = this.l2 === 0 ? undefined : mul(sum(square(weight)), this.l2)
    if (absolute !== undefined && squared !== undefined) return add(absolute, squared)
    return absolute ?? squared ?? zeros([], { dtype: weight.dtype })
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1, l2: this.l2 }
  }
}

function factor(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value
  throw new ArgumentError({
    where: `regularizer: ${name}`,
    expected: 'a factor of at least 0',
    received: String(value),
  })
}

/**
 * l1·Σ|w| + l2·Σw²: both penalties at once, the elastic net.
 *
 * @throws ArgumentError for a negative factor.
 * @example
 * layers.dense({ units: 64, kernelRegularizer: regularizers.l1l2({ l1: 1e-5, l2: 1e-4 }) })
 */
export const l1l2 = (options: L1L2Options = {}): L1L2 => new L1L2(options)
