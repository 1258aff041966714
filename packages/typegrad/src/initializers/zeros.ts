import type { DType } from '../base/dtype.ts'
import { noOptions } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { full } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer } from './initializer.ts'

/** See {@link zeros}. */
@takes(noOptions)
export class Zeros extends Initializer {
  readonly className = 'Zeros'

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return full(shape, 0, { dtype })
  }
}

/** 0 everywhere. */
export const zeros = (...none: readonly []): Zeros => new Zeros(...none)
