import type { DType } from '../base/dtype.ts'
import { number, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { full } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer } from './initializer.ts'

export interface ConstantOptions {
  /** What every element is. Default 0. */
  readonly value?: number | undefined
}

export const constantChecks = optionsOf<ConstantOptions>()({ value: number })

/** See {@link constant}. */
@takes(constantChecks)
export class Constant extends Initializer {
  readonly className = 'Constant'
  readonly value: number

  constructor({ value = 0 }: ConstantOptions = {}) {
    super()
    this.value = value
  }

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return full(shape, this.value, { dtype })
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value }
  }
}

/**
 * One value everywhere.
 *
 * @example
 * initializers.constant({ value: 0.25 })
 */
export const constant = (options: ConstantOptions = {}): Constant => new Constant(options)
