import { add, mul } from '../ops/arithmetic.ts'
import { greaterEqual, where } from '../ops/comparison.ts'
import { relu, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** 0 up to −1, (x + 1)² / 4 up to 1, x from there on: the integral of {@link sparseSigmoid}. */
export const sparsePlus = (x: Tensor): Tensor =>
  where(greaterEqual(x, 1), x, mul(square(relu(add(x, 1))), 0.25))
