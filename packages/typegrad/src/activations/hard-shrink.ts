import { greater, where } from '../ops/comparison.ts'
import { abs } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** x where |x| is above the threshold, 0 elsewhere. */
export function hardShrink(
  x: Tensor,
  { threshold = 0.5 }: { readonly threshold?: number | undefined } = {},
): Tensor {
  return where(greater(abs(x), threshold), x, 0)
}
