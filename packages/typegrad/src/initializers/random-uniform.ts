import type { DType } from '../base/dtype.ts'
import { number, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { uniform } from '../random/distributions.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer, type RandomInitializerOptions, randomInitializerChecks } from './initializer.ts'

export interface RandomUniformOptions extends RandomInitializerOptions {
  /** Lower bound. Default −0.05. */
  readonly minval?: number | undefined
  /** Upper bound. Default 0.05. */
  readonly maxval?: number | undefined
}

export const randomUniformChecks = optionsOf<RandomUniformOptions>()({
  minval: number,
  maxval: number,
  ...randomInitializerChecks,
})

/** See {@link randomUniform}. */
@takes(randomUniformChecks)
export class RandomUniform extends Initializer {
  readonly className = 'RandomUniform'
  readonly minval: number
  readonly maxval: number
  readonly seed: number | undefined

  constructor({ minval = -0.05, maxval = 0.05, seed }: RandomUniformOptions = {}) {
    super()
    this.minval = minval
    this.maxval = maxval
    this.seed = seed
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return uniform(shape, { min: this.minval, max: this.maxval, seed: this.seed, dtype })
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, seed: this.seed ?? null }
  }
}

/**
 * The uniform distribution on [minval, maxval).
 *
 * @example
 * initializers.randomUniform({ minval: -0.1, maxval: 0.1 })
 */
export const randomUniform = (options: RandomUniformOptions = {}): RandomUniform => new RandomUniform(options)
