import { takes } from '../../base/takes.ts'
import { sub } from '../../ops/arithmetic.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The difference of two tensors; see {@link subtract}. */
@takes(mergeChecks)
export class Subtract extends Merge {
  readonly className = 'Subtract'
  protected override readonly count = [2, 2] as const

  protected combine(a: Tensor, b: Tensor): Tensor {
    return sub(a, b)
  }
}

/**
 * The difference of two tensors, element by element.
 *
 * Input: two tensors of one shape (or shapes that broadcast), output that shape.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.subtract().apply([a, b])
 */
export const subtract = (options?: MergeOptions): Subtract => new Subtract(options)
