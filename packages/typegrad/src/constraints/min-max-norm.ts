import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Constraint } from './constraint.ts'
import { type NormAxis, type NormOptions, normChecks, withNorm } from './norm.ts'

export interface MinMaxNormOptions extends NormOptions {
  /** The smallest norm. Default 0. */
  readonly minValue?: number | undefined
  /** The largest norm. Default 1. */
  readonly maxValue?: number | undefined
  /** How far a norm outside of the two is moved to them in one step, from 0 to 1. Default 1. */
  readonly rate?: number | undefined
}

export const minMaxNormChecks = optionsOf<MinMaxNormOptions>()({
  minValue: number,
  maxValue: number,
  rate: number,
  ...normChecks,
})

/** See {@link minMaxNorm}. */
@takes(minMaxNormChecks)
export class MinMaxNorm extends Constraint {
  readonly className = 'MinMaxNorm'
  readonly minValue: number
  readonly maxValue: number
  readonly rate: number
  readonly axis: NormAxis

  constructor({ minValue = 0, maxValue = 1, rate = 1, axis = 0 }: MinMaxNormOptions = {}) {
    super()
    this.minValue = minValue
    this.maxValue = maxValue
    this.rate = rate
    this.axis = axis
  }

  override apply(weight: Tensor): Tensor {
    const { minValue: min, maxValue: max, rate } = this
    return withNorm(weight, this.axis, (norms) => {
      const within = clip(norms, { min, max })
      return rate === 1 ? within : add(mul(within, rate), mul(norms, 1 - rate))
    })
  }

  override getConfig(): Record<string, unknown> {
    const { minValue, maxValue, rate, axis } = this
    return { minValue, maxValue, rate, axis }
  }
}

/**
 * Scales what has a smaller or a larger norm to the nearer bound, or part of the way.
 *
 * @example
 * constraints.minMaxNorm({ minValue: 0.5, maxValue: 2, rate: 0.1 })
 */
export const minMaxNorm = (options: MinMaxNormOptions = {}): MinMaxNorm => new MinMaxNorm(options)
