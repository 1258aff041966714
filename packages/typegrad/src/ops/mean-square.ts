import { sizeOf } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply } from './apply.ts'
import { add, mul, sub } from './arithmetic.ts'
import { rsqrt, withGradient } from './elementwise.ts'
import type { NormalizationOptions } from './normalization.ts'
import { sum } from './reduce.ts'

const total = (x: Tensor, axes: readonly number[]): Tensor => sum(x, axes, { keepDims: true })

/**
 * x / √(mean(x²) + ε) over `axes`.
 *
 * With n the normalized value and N the number of elements that share a mean, its gradient is
 * (g − n·Σ(g·n)/N) / √(mean(x²) + ε): one sum.
 */
export function normalizeMeanSquare(x: Tensor, { axes, epsilon }: NormalizationOptions): Tensor {
  const share = 1 / sizeOf(axes.map((axis) => x.shape[axis] as number))
  const meanSquare = mul(total(apply('mul', [x, x], {}), axes), share)
  const inverse = rsqrt(add(meanSquare, epsilon))
  const normalized = mul(x, inverse)
  return withGradient(normalized, [x], (g) => {
    const projection = mul(total(mul(g, normalized), axes), share)
    return [mul(sub(g, mul(normalized, projection)), inverse)]
  })
}
