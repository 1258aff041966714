import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { minimum } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Constraint } from './constraint.ts'
import { type NormAxis, type NormOptions, normChecks, withNorm } from './norm.ts'

export interface MaxNormOptions extends NormOptions {
  /** The largest norm. Default 2. */
  readonly maxValue?: number | undefined
}

export const maxNormChecks = optionsOf<MaxNormOptions>()({ maxValue: number, ...normChecks })

/** See {@link maxNorm}. */
@takes(maxNormChecks)
export class MaxNorm extends Constraint {
  readonly className = 'MaxNorm'
  readonly maxValue: number
  readonly axis: NormAxis

  constructor({ maxValue = 2, axis = 0 }: MaxNormOptions = {}) {
    super()
    this.maxValue = maxValue
    this.axis = axis
  }

  override apply(weight: Tensor): Tensor {
    return withNorm(weight, this.axis, (norms) => minimum(norms, this.maxValue))
  }

  override getConfig(): Record<string, unknown> {
    return { maxValue: this.maxValue, axis: this.axis }
  }
}

/**
 * Scales down what has a larger norm (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html).
 *
 * @example
 * constraints.maxNorm({ maxValue: 3 })
 */
export const maxNorm = (options: MaxNormOptions = {}): MaxNorm => new MaxNorm(options)
