/** State of optimizers in 16 bits, and what of it becomes of float32 and back. */
import { cast } from '../ops/apply.ts'
import { add, div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { clip, equal, less, where } from '../ops/comparison.ts'
import { abs, sign, sqrt, square } from '../ops/elementwise.ts'
import { uniform } from '../random/index.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What state can be kept as, beside the weights' own dtype. */
export type HalfDType = 'float16' | 'bfloat16'

/** How the two means of Adam are kept: float32 → 16 bits, and back. */
export interface HalfState {
  /** Of the gradients. */
  readonly momentum: { read(kept: Tensor): Tensor; keep(value: Tensor): Tensor }
  /** Of their squares. */
  readonly velocity: { read(kept: Tensor): Tensor; keep(value: Tensor): Tensor }
}

/**
 * What state is multiplied with in float16, which is fine from 6e-5 to 65,504: gradients then from 6e-8 to 64, with fewer
 * digits from 6e-11 on.
 */
const scale = 2 ** 10
const largest = 65_504

/** State as it is kept in float16 → float32. */
export const fromHalf = (kept: Tensor): Tensor => mul(cast(kept, 'float32'), 1 / scale)

const scaled = (value: Tensor): Tensor => clip(mul(value, scale), { min: -largest, max: largest })

/** float32 → state as it is kept in float16: the nearest number. */
export const nearestHalf = (value: Tensor): Tensor => cast(scaled(value), 'float16')

/** float32 → state as it is kept in float16, at random: see `atRandom`. */
export const randomHalf = (value: Tensor): Tensor => atRandom(scaled(value), 'float16')

/** Half of the way from 1 to the next number, and from 0. */
const halfSteps: Readonly<Record<HalfDType, readonly [relative: number, smallest: number]>> = {
  float16: [2 ** -11, 2 ** -25],
  bfloat16: [2 ** -8, 2 ** -134],
}

/**
 * float32 → one of the two numbers of 16 bits around the value, each as likely as the other one is far, so that the mean is
 * the value (stochastic rounding: Gupta et al. 2015, https://arxiv.org/abs/1502.02551).
 */
export function atRandom(x: Tensor, dtype: HalfDType): Tensor {
  const rounded = (y: Tensor): Tensor => cast(cast(y, dtype), 'float32')
  const nearest = rounded(x)
  const away = sub(x, nearest)
  // A little more than half of the way to the next number, or of the way between the smallest ones, is rounded to that one.
  const [relative, smallest] = halfSteps[dtype]
  const step = maximum(mul(abs(nearest), 1.004 * relative), 1.004 * smallest)
  const other = rounded(add(nearest, mul(sign(away), step)))
  const gap = sub(other, nearest)
  const isSame = equal(gap, 0)
  const share = where(isSame, 0, div(away, where(isSame, 1, gap)))
  return cast(where(less(uniform(x.shape), share), other, nearest), dtype)
}

const plain = {
  read: (kept: Tensor): Tensor => cast(kept, 'float32'),
  keep: (value: Tensor): Tensor => cast(value, 'bfloat16'),
}

/**
 * How Adam's means are kept.
 *
 * float16 holds the root of the mean square, whose range is half as wide in digits. bfloat16 has float32's own range, and
 * 8 bits of precision: a step changes a mean by up to 1 − β₂ of it, which the nearest number only follows where that is more
 * than 2⁻⁸. Where it may not be, numbers are rounded at random.
 */
export const halfState = (dtype: HalfDType, beta2: number): HalfState =>
  dtype === 'float16'
    ? {
        momentum: { read: fromHalf, keep: nearestHalf },
        velocity: {
          read: (kept) => square(fromHalf(kept)),
          keep: (value) => randomHalf(sqrt(value)),
        },
      }
    : {
        momentum: plain,
        velocity: isFollowed(beta2) ? plain : { ...plain, keep: (value) => atRandom(value, dtype) },
      }

/** Whether the nearest number of bfloat16 follows a mean that keeps so much of itself in each step. */
const isFollowed = (beta: number): boolean => 1 - beta >= 2 ** -7
