import { minimum as smaller } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Merge, type MergeOptions } from './merge.ts'

/** The smallest of tensors; see {@link minimum}. */
export class Minimum extends Merge {
  readonly className = 'Minimum'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return smaller(a, b) as Tensor
  }
}

/**
 * The smallest of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.minimum().apply([a, b])
 */
export const minimum = (options?: MergeOptions): Minimum => new Minimum(options)
