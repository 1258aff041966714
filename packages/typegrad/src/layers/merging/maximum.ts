import { takes } from '../../base/takes.ts'
import { maximum as larger } from '../../ops/arithmetic.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { maskedExtremum } from '../pooling/masked-extremum.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The largest of tensors; see {@link maximum}. */
@takes(mergeChecks)
export class Maximum extends Merge {
  readonly className = 'Maximum'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return larger(a, b)
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return maskedExtremum(inputs, this.combine)
  }
}

/**
 * The largest of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape. Masked steps of one take no part.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.maximum().apply([a, b])
 */
export const maximum = (options?: MergeOptions): Maximum => new Maximum(options)
