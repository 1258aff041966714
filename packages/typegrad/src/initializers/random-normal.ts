import type { DType } from '../base/dtype.ts'
import { number, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { normal } from '../random/distributions.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer, type RandomInitializerOptions, randomInitializerChecks } from './initializer.ts'

export interface RandomNormalOptions extends RandomInitializerOptions {
  /** Mean of the distribution. Default 0. */
  readonly mean?: number | undefined
  /** Standard deviation. Default 0.05. */
  readonly stddev?: number | undefined
}

export const randomNormalChecks = optionsOf<RandomNormalOptions>()({
  mean: number,
  stddev: number,
  ...randomInitializerChecks,
})

/** See {@link randomNormal}. */
@takes(randomNormalChecks)
export class RandomNormal extends Initializer {
  readonly className = 'RandomNormal'
  readonly mean: number
  readonly stddev: number
  readonly seed: number | undefined

  constructor({ mean = 0, stddev = 0.05, seed }: RandomNormalOptions = {}) {
    super()
    this.mean = mean
    this.stddev = stddev
    this.seed = seed
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return normal(shape, { mean: this.mean, stddev: this.stddev, seed: this.seed, dtype })
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed ?? null }
  }
}

/**
 * A normal distribution.
 *
 * @example
 * initializers.randomNormal({ stddev: 0.02 })
 */
export const randomNormal = (options: RandomNormalOptions = {}): RandomNormal => new RandomNormal(options)
