import { takes } from '../../base/takes.ts'
import { minimum as smaller } from '../../ops/arithmetic.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { maskedExtremum } from '../pooling/masked-extremum.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The smallest of tensors; see {@link minimum}. */
@takes(mergeChecks)
export class Minimum extends Merge {
  readonly className = 'Minimum'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return smaller(a, b)
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return maskedExtremum(inputs, this.combine)
  }
}

/**
 * The smallest of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape. Masked steps of one take no part.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.minimum().apply([a, b])
 */
export const minimum = (options?: MergeOptions): Minimum => new Minimum(options)
