import { ArgumentError } from '../base/errors.ts'
import { anything, checked, finite, needed, optionsOf } from '../base/options.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { clip, equal, where } from './comparison.ts'
import { round, stopGradient } from './elementwise.ts'

export interface FakeQuantizeOptions {
  /** Floats a number; broadcasts to the tensor, such as one for each column. */
  readonly scale: TensorLike
  /** The number that stands for 0. Default 0. */
  readonly zero?: TensorLike
  /** The smallest number: 0 of uint8. */
  readonly low: number
  /** The largest number: 255 of uint8. */
  readonly high: number
}

const fakeQuantizeChecks = optionsOf<FakeQuantizeOptions>()({
  scale: needed(anything),
  zero: anything,
  low: needed(finite),
  high: needed(finite),
})

/**
 * What is left of a tensor that was rounded to whole numbers in a range and made floats again. Its gradient passes straight
 * through the rounding, and is 0 for elements outside of the range; scale and zero have none.
 *
 * PyTorch's `fake_quantize_per_tensor_affine` and `fake_quantize_per_channel_affine`; Bengio et al. 2013,
 * https://arxiv.org/abs/1308.3432; Jacob et al. 2018, https://arxiv.org/abs/1712.05877
 *
 * @returns (clip(round(x / scale) + zero, low, high) − zero) · scale
 * @throws ArgumentError for a range without numbers.
 * @example
 * ops.fakeQuantize(x, { scale: 0.02, zero: 128, low: 0, high: 255 })
 */
export function fakeQuantize(x: TensorLike, options: FakeQuantizeOptions): Tensor {
  const { scale, zero = 0, low, high } = checked('fakeQuantize', options, fakeQuantizeChecks)
  if (!(low < high)) {
    throw new ArgumentError({
      where: 'fakeQuantize',
      expected: 'a smallest number below the largest one',
      received: `low ${low} and high ${high}`,
    })
  }
  const given = asTensor(x)
  // Times the reciprocal, as PyTorch rounds.
  const number = stopGradient(add(round(mul(given, div(1, scale))), zero))
  const kept = clip(number, { min: low, max: high })
  const value = stopGradient(mul(sub(kept, zero), scale))
  const passing = where(equal(number, kept), given, stopGradient(given))
  // 0 with the gradient of what passes: the value stays exact.
  return add(value, sub(passing, stopGradient(passing)))
}
