import { sizeOf } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply } from './apply.ts'
import { add, mul, sub } from './arithmetic.ts'
import { rsqrt, withGradient } from './elementwise.ts'
import { sum } from './reduce.ts'

export interface NormalizationOptions {
  /** Axes over which mean and variance are taken, counted from the front. */
  readonly axes: readonly number[]
  /** Added to the variance before its root. */
  readonly epsilon: number
}

export interface Normalized {
  /** (x − mean) / √(variance + ε). */
  readonly value: Tensor
  /** With the axes kept as 1, as are the variance's. */
  readonly mean: Tensor
  /** The mean squared distance from the mean. */
  readonly variance: Tensor
}

/** Sums over axes, which stay as 1. */
const total = (x: Tensor, axes: readonly number[]): Tensor => sum(x, axes, { keepDims: true })

/**
 * x with mean 0 and variance 1 over `axes`.
 *
 * With n the normalized value and N the number of elements that share a mean, its gradient is
 * (g − Σg/N − n·Σ(g·n)/N) / √(variance + ε): two sums, where the chain rule would take four (Ioffe and
 * Szegedy 2015, https://arxiv.org/abs/1502.03167, section 3).
 */
export function normalizeMoments(x: Tensor, { axes, epsilon }: NormalizationOptions): Normalized {
  const count = sizeOf(axes.map((axis) => x.shape[axis] as number))
  const mean = mul(total(x, axes), 1 / count)
  const centred = sub(x, mean)
  const variance = mul(total(apply('mul', [centred, centred], {}), axes), 1 / count)
  const inverse = rsqrt(add(variance, epsilon))
  const normalized = mul(centred, inverse)
  const value = withGradient(normalized, [x], (g) => {
    const meanOfG = mul(total(g, axes), 1 / count)
    const projection = mul(total(mul(g, normalized), axes), 1 / count)
    return [mul(sub(sub(g, meanOfG), mul(normalized, projection)), inverse)]
  })
  return { value, mean, variance }
}
