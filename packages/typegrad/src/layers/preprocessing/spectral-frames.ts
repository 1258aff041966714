import { where } from '../../ops/comparison.ts'
import type { Padding } from '../../ops/convolution.ts'
import { conv } from '../../ops/convolution.ts'
import { fourierKernel } from '../../signals/fourier-kernel.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'

/** Signals (batch, time) times each column of a kernel (frame, 1, frequencies) at every step: (batch, steps, frequencies). */
export const framesBy = (signals: Tensor, kernel: Tensor, step: number, padding: Padding): Tensor =>
  conv(signals.expandDims(-1), kernel.cast(signals.dtype), { strides: step, padding })

/**
 * The kernels of a discrete Fourier transform, cos and sin of −2π·time·frequency/length times a window: (length, 1,
 * length/2 + 1) each.
 */
export function fourierKernels(
  window: ArrayLike<number>,
  dtype: Tensor['dtype'],
): readonly [real: Tensor, imag: Tensor] {
  const length = window.length
  const bins = Math.floor(length / 2) + 1
  const part = (side: 'real' | 'imag'): Tensor =>
    constant(fourierKernel(side, window, bins, length), [length, 1, bins], dtype)
  return [part('real'), part('imag')]
}

/** The angle of (x, y), from −π to π. */
export function angleOf(y: Tensor, x: Tensor): Tensor {
  const isUpright = x.equal(0)
  const angle = y.div(where(isUpright, 1, x)).atan()
  const turned = where(x.less(0), angle.add(where(y.less(0), -Math.PI, Math.PI)), angle)
  const upright = y.sign().mul(Math.PI / 2)
  return where(isUpright, upright, turned)
}
