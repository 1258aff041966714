import type { DType } from '../base/dtype.ts'
import { noOptions } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { full } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Initializer } from './initializer.ts'

/** See {@link ones}. */
@takes(noOptions)
export class Ones extends Initializer {
  readonly className = 'Ones'

  override initialize(shape: Shape, dtype: DType = 'float32'): Tensor {
    return full(shape, 1, { dtype })
  }
}

/** 1 everywhere. */
export const ones = (...none: readonly []): Ones => new Ones(...none)
