import { add, mul } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** (x + √(x² + b)) / 2: a smooth relu without exponentials (Barron 2021, https://arxiv.org/abs/2112.11687). */
export const squareplus = (x: Tensor, { b = 4 }: { readonly b?: number | undefined } = {}): Tensor =>
  mul(add(x, sqrt(add(square(x), b))), 0.5)
