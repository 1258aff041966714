import type { Tensor } from '../tensor/tensor.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { where } from './comparison.ts'
import { rsqrt, square } from './elementwise.ts'
import type { NormalizationOptions, Normalized } from './normalization.ts'
import { sum } from './reduce.ts'

/** Keras's own, which keeps means of nothing at 0. */
const tiny = 1e-7

/**
 * x with mean 0 and variance 1 over `axes`, where only those elements count for the two that `counted` (bool, x's
 * shape) names: mean = Σ x / (n + 1e-7), variance = Σ (x − mean)² / (n + 1e-7) over n elements, as Keras has them. All
 * elements are normalized.
 */
export function normalizeMaskedMoments(
  x: Tensor,
  counted: Tensor,
  { axes, epsilon }: NormalizationOptions,
): Normalized {
  const total = (values: Tensor): Tensor => sum(values, axes, { keepDims: true })
  const count = add(total(counted.cast(x.dtype)), tiny)
  const mean = div(total(where(counted, x, 0)), count)
  const centred = sub(x, mean)
  const variance = div(total(square(where(counted, centred, 0))), count)
  return { value: mul(centred, rsqrt(add(variance, epsilon))), mean, variance }
}
