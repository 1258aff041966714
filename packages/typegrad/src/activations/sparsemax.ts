import { apply, cast, normalizeAxis } from '../ops/apply.ts'
import { div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { greater } from '../ops/comparison.ts'
import { stopGradient } from '../ops/elementwise.ts'
import { cumsum, sort } from '../ops/indexing.ts'
import { sum } from '../ops/reduce.ts'
import { arange } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The nearest point of the probability simplex: as softmax, but with exact zeros
 * (Martins and Astudillo 2016, https://arxiv.org/abs/1602.02068). Along the last axis by default.
 */
export function sparsemax(x: Tensor, axis = -1): Tensor {
  const at = normalizeAxis('sparsemax', axis, x.shape)
  const size = x.shape[at] as number
  const counts = apply('reshape', [arange(1, size + 1, 1, { dtype: x.dtype })], {
    shape: x.shape.map((_, i) => (i === at ? size : 1)),
  })
  const sorted = sort(x, at, { descending: true })
  const excess = sub(cumsum(sorted, at), 1)
  // The k largest are in the support; which they are does not depend smoothly on x.
  const support = stopGradient(cast(greater(sorted, div(excess, counts)), x.dtype))
  const k = sum(support, at, { keepDims: true })
  const threshold = div(sub(sum(mul(sorted, support), at, { keepDims: true }), 1), k)
  return maximum(sub(x, threshold), 0)
}
