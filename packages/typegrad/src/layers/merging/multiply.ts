import { takes } from '../../base/takes.ts'
import { mul } from '../../ops/arithmetic.ts'
import { where } from '../../ops/comparison.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { eitherMask, maskOf, spreadMask } from '../base/masks.ts'
import { Merge, type MergeOptions, mergeChecks } from './merge.ts'

/** The product of tensors; see {@link multiply}. */
@takes(mergeChecks)
export class Multiply extends Merge {
  readonly className = 'Multiply'

  protected combine(a: Tensor, b: Tensor): Tensor {
    return mul(a, b)
  }

  /** Masked steps count as 1, and are 0 where none of the tensors has anything. */
  protected override merge(inputs: readonly Tensor[]): Tensor {
    const masks = inputs.map(maskOf)
    const product = super.merge(
      inputs.map((x, i) => {
        const mask = masks[i]
        return mask === undefined ? x : where(spreadMask(mask, x), x, 1)
      }),
    )
    const either = eitherMask(masks)
    return either === undefined ? product : where(spreadMask(either, product), product, 0)
  }
}

/**
 * The product of tensors, element by element.
 *
 * Input: tensors of one shape (or shapes that broadcast), output that shape. Masked steps of one count as 1; where all
 * are masked the product is 0.
 *
 * @throws ShapeError for shapes that do not broadcast, ArgumentError for too few tensors.
 * @example
 * layers.multiply().apply([a, b])
 */
export const multiply = (options?: MergeOptions): Multiply => new Multiply(options)
