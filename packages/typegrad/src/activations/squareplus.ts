import { checked, number, optionsOf } from '../base/options.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

const squareplusChecks = optionsOf<{ readonly b?: number | undefined }>()({ b: number })

/** (x + √(x² + b)) / 2: a smooth relu without exponentials (Barron 2021, https://arxiv.org/abs/2112.11687). */
export const squareplus = (
  x: Tensor,
  options: {
    /** How smooth the bend at 0 is. Default 4. */
    readonly b?: number | undefined
  } = {},
): Tensor => {
  const { b = 4 } = checked('squareplus', options, squareplusChecks)
  return mul(add(x, sqrt(add(square(x), b))), 0.5)
}
