import { takes } from '../../base/takes.ts'
import { add as sum } from '../../ops/arithmetic.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The sum of tensors; see {@link add}. */
@takes(mergeChecks)
export class Add extends Merge {
  readonly className = 'Add'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return sum(a, b)
  }
}

/**
 * The sum of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.add().apply([a, b])
 */
export const add = (options?: MergeOptions): Add => new Add(options)
