import { checked, number, optionsOf } from '../base/options.ts'
import { greater, where } from '../ops/comparison.ts'
import { abs } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

const hardShrinkChecks = optionsOf<{ readonly threshold?: number | undefined }>()({ threshold: number })

/** x where |x| is above the threshold, 0 elsewhere. */
export function hardShrink(
  x: Tensor,
  options: {
    /** Values this near to 0 become 0. Default 0.5. */
    readonly threshold?: number | undefined
  } = {},
): Tensor {
  const { threshold = 0.5 } = checked('hardShrink', options, hardShrinkChecks)
  return where(greater(abs(x), threshold), x, 0)
}
