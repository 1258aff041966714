import { checked, number, optionsOf } from '../base/options.ts'
import { add, maximum, minimum, mul } from '../ops/arithmetic.ts'
import { expm1 } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

const celuChecks = optionsOf<{ readonly alpha?: number | undefined }>()({ alpha: number })

/**
 * max(x, 0) + α(e^(min(x, 0)/α) − 1): an ELU whose slope is continuous for every α
 * (Barron 2017, https://arxiv.org/abs/1704.07483).
 */
export function celu(
  x: Tensor,
  options: {
    /** What the function approaches far below 0, negated. Default 1. */
    readonly alpha?: number | undefined
  } = {},
): Tensor {
  const { alpha = 1 } = checked('celu', options, celuChecks)
  return add(maximum(x, 0), mul(expm1(mul(minimum(x, 0), 1 / alpha)), alpha))
}
