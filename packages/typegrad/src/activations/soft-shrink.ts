import { sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** x moved towards 0 by the threshold, and 0 within it. */
export function softShrink(
  x: Tensor,
  { threshold = 0.5 }: { readonly threshold?: number | undefined } = {},
): Tensor {
  return sub(x, clip(x, { min: -threshold, max: threshold }))
}
