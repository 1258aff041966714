import { checked, number, optionsOf } from '../base/options.ts'
import { sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'

const softShrinkChecks = optionsOf<{ readonly threshold?: number | undefined }>()({ threshold: number })

/** x moved towards 0 by the threshold, and 0 within it. */
export function softShrink(
  x: Tensor,
  options: {
    /** Values this near to 0 become 0. Default 0.5. */
    readonly threshold?: number | undefined
  } = {},
): Tensor {
  const { threshold = 0.5 } = checked('softShrink', options, softShrinkChecks)
  return sub(x, clip(x, { min: -threshold, max: threshold }))
}
