import { relu } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Constraint } from './constraint.ts'

/** See {@link nonNeg}. */
export class NonNeg extends Constraint {
  readonly className = 'NonNeg'

  override apply(weight: Tensor): Tensor {
    return relu(weight)
  }
}

/** Makes negative weights 0. */
export const nonNeg = (): NonNeg => new NonNeg()
