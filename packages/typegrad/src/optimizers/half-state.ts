import { cast } from '../ops/apply.ts'
import { add, div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { clip, equal, less, where } from '../ops/comparison.ts'
import { abs, sign } from '../ops/elementwise.ts'
import { uniform } from '../random/index.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * What state is multiplied with in float16, which is fine from 6e-5 to 65,504: gradients then from 6e-8 to 64, with fewer
 * digits from 6e-11 on.
 */
const scale = 2 ** 10
const largest = 65_504

/** State as it is kept → float32. */
export const fromHalf = (kept: Tensor): Tensor => mul(cast(kept, 'float32'), 1 / scale)

const scaled = (value: Tensor): Tensor => clip(mul(value, scale), { min: -largest, max: largest })

/** float32 → state as it is kept: the nearest number. */
export const nearestHalf = (value: Tensor): Tensor => cast(scaled(value), 'float16')

/**
 * float32 → state as it is kept: one of the two numbers around the value, each as likely as the other one is far, so that the
 * mean is the value (stochastic rounding: Gupta et al. 2015, https://arxiv.org/abs/1502.02551).
 */
export function randomHalf(value: Tensor): Tensor {
  const x = scaled(value)
  const half = (y: Tensor): Tensor => cast(cast(y, 'float16'), 'float32')
  const nearest = half(x)
  const away = sub(x, nearest)
  // A little more than half of the way to the next number, or of the way between the smallest ones, is rounded to that one.
  const step = maximum(mul(abs(nearest), 1.004 * 2 ** -11), 1.004 * 2 ** -25)
  const other = half(add(nearest, mul(sign(away), step)))
  const gap = sub(other, nearest)
  const isSame = equal(gap, 0)
  const share = where(isSame, 0, div(away, where(isSame, 1, gap)))
  return cast(where(less(uniform(x.shape), share), other, nearest), 'float16')
}
