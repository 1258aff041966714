import { logicalOr, where } from '../../ops/comparison.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { maskOf, spreadMask } from '../base/masks.ts'

/**
 * The largest or the smallest of tensors element by element, of which masked steps do not take part: there the other
 * tensor's value stands. What two of them give counts, for the next one, where either does; if one of the two has no
 * mask, everywhere.
 *
 * @param combine the larger or the smaller of two.
 */
export function maskedExtremum(inputs: readonly Tensor[], combine: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const [first, ...rest] = inputs.map((value) => {
    const mask = maskOf(value)
    return { value, mask: mask && spreadMask(mask, value) }
  }) as [Masked, ...Masked[]]
  return rest.reduce((a, b) => {
    const there = b.mask === undefined ? b.value : where(b.mask, b.value, a.value)
    const here = a.mask === undefined ? a.value : where(a.mask, a.value, there)
    return {
      value: combine(here, there),
      mask: a.mask && b.mask && logicalOr(a.mask, b.mask),
    }
  }, first).value
}

interface Masked {
  readonly value: Tensor
  readonly mask: Tensor | undefined
}
