import { mul } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Merge, type MergeOptions } from './merge.ts'

/** The product of tensors; see {@link multiply}. */
export class Multiply extends Merge {
  readonly className = 'Multiply'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return mul(a, b) as Tensor
  }
}

/**
 * The product of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.multiply().apply([a, b])
 */
export const multiply = (options?: MergeOptions): Multiply => new Multiply(options)
