import type { DType } from '../base/dtype.ts'
import { number, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { truncatedNormal as draw } from '../random/distributions.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer, type RandomInitializerOptions, randomInitializerChecks } from './initializer.ts'

export interface TruncatedNormalOptions extends RandomInitializerOptions {
  /** Mean of the distribution. Default 0. */
  readonly mean?: number | undefined
  /** Standard deviation before the cut. Default 0.05. */
  readonly stddev?: number | undefined
}

export const truncatedNormalChecks = optionsOf<TruncatedNormalOptions>()({
  mean: number,
  stddev: number,
  ...randomInitializerChecks,
})

/** See {@link truncatedNormal}. */
@takes(truncatedNormalChecks)
export class TruncatedNormal extends Initializer {
  readonly className = 'TruncatedNormal'
  readonly mean: number
  readonly stddev: number
  readonly seed: number | undefined

  constructor({ mean = 0, stddev = 0.05, seed }: TruncatedNormalOptions = {}) {
    super()
    this.mean = mean
    this.stddev = stddev
    this.seed = seed
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return draw(shape, { mean: this.mean, stddev: this.stddev, seed: this.seed, dtype })
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed ?? null }
  }
}

/**
 * A normal distribution without what lies more than two standard deviations from its mean.
 *
 * @example
 * initializers.truncatedNormal({ stddev: 0.02 })
 */
export const truncatedNormal = (options: TruncatedNormalOptions = {}): TruncatedNormal =>
  new TruncatedNormal(options)
