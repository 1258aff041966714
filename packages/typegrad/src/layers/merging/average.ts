import { takes } from '../../base/takes.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The mean of tensors; see {@link average}. */
@takes(mergeChecks)
export class Average extends Merge {
  readonly className = 'Average'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return add(a, b)
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return mul(super.merge(inputs), 1 / inputs.length)
  }
}

/**
 * The mean of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.average().apply([a, b])
 */
export const average = (options?: MergeOptions): Average => new Average(options)
