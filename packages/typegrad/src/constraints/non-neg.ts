import { noOptions } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { relu } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Constraint } from './constraint.ts'

/** See {@link nonNeg}. */
@takes(noOptions)
export class NonNeg extends Constraint {
  readonly className = 'NonNeg'

  override apply(weight: Tensor): Tensor {
    return relu(weight)
  }
}

/** Makes negative weights 0. */
export const nonNeg = (...none: readonly []): NonNeg => new NonNeg(...none)
