import { ArgumentError } from '../../base/errors.ts'
import { anything, checked, optionsOf } from '../../base/options.ts'
import { arange, asTensor, type TensorLike, zeros } from '../../tensor/create.ts'
import { constant, Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { add, div, minimum, mul, sub } from '../arithmetic.ts'

import { less, where } from '../comparison.ts'
import { conv, perDimension } from '../convolution.ts'
import { exp, square } from '../elementwise.ts'
import { gather } from '../indexing.ts'
import { matmul } from '../linear-algebra.ts'
import { sum } from '../reduce.ts'
import { at, concat, reshape, tile, transpose } from '../shape.ts'
import { type ImageLayout, onImages } from './layout.ts'

export interface GaussianBlurOptions extends ImageLayout {
  /** Pixels that are averaged over, horizontally and vertically. Default 3. */
  readonly kernelSize?: number | readonly [horizontal: number, vertical: number]
  /** Standard deviation in pixels, horizontally and vertically; a tensor [2] where it is computed. Default 1. */
  readonly sigma?: number | readonly [horizontal: number, vertical: number] | Tensor
}

const blurChecks = optionsOf<GaussianBlurOptions>()({
  kernelSize: anything,
  sigma: anything,
  dataFormat: anything,
})

/** exp(−x²/2σ²) at the kernel's places about its middle, of sum 1. */
function gaussian(size: number, sigma: Tensor): Tensor {
  const places = constant(
    Array.from({ length: size }, (_, i) => i - (size - 1) / 2),
    [size],
    sigma.dtype,
  )
  const bell = exp(mul(square(div(places, sigma)), -0.5))
  return div(bell, sum(bell))
}

/** Each channel of images (batch, height, width, channels) by itself; beyond the edges stand zeros. */
export function blurImages(
  images: Tensor,
  [columns, rows]: readonly [number, number],
  sigmas: Tensor,
): Tensor {
  const channels = images.shape[3] as number
  const along = (x: Tensor, axis: 1 | 2, size: number, sigma: Tensor): Tensor => {
    const kernel = gaussian(size, sigma)
    if (channels === 1 && wideShare * size >= (images.shape[axis] as number))
      return asProduct(x, axis, kernel)
    const shape = axis === 1 ? [size, 1, 1, 1] : [1, size, 1, 1]
    return conv(x, tile(reshape(kernel, shape), [1, 1, 1, channels]), { padding: 'same', groups: channels })
  }
  // A product of two bells: one axis after the other.
  return along(along(images, 2, columns, at(sigmas, 0)), 1, rows, at(sigmas, 1))
}

/** The share of a side from which a kernel is so wide that a product with a matrix of the whole side takes less. */
const wideShare = 4

/** A convolution of one channel along an axis of (batch, height, width, 1) as a product with the kernel's band matrix. */
function asProduct(images: Tensor, axis: 1 | 2, kernel: Tensor): Tensor {
  const [batch, height, width] = images.shape as [number, number, number, number]
  const plane = reshape(images, [batch, height, width])
  const band = bandMatrix(kernel, axis === 1 ? height : width)
  const blurred = axis === 1 ? matmul(band, plane) : matmul(plane, transpose(band))
  return reshape(blurred, images.shape)
}

/** (k) → (n, n): in row i the kernel about its middle stands at column i, and what is beyond the edges is left out. */
function bandMatrix(kernel: Tensor, side: number): Tensor {
  const size = kernel.shape[0] as number
  const along = arange(side, undefined, 1, { dtype: 'int32' })
  const place = add(sub(along, reshape(along, [side, 1])), (size - 1) >> 1)
  // Elements before the first and behind the last are a 0 that stands behind the kernel.
  const inside = minimum(where(less(place, 0), size, place), size)
  return gather(concat([kernel, zeros([1], { dtype: kernel.dtype })], 0), inside)
}

/**
 * Blurs images by a Gaussian kernel. What is beyond the edges counts as 0.
 *
 * @param images (height, width, channels), or with a batch in front.
 * @throws ArgumentError for a kernel size that is none, ShapeError for another rank.
 * @example
 * ops.image.gaussianBlur(images, { kernelSize: 5, sigma: 1.5 })
 */
export function gaussianBlur(images: TensorLike, options: GaussianBlurOptions = {}): Tensor {
  const { kernelSize = 3, sigma = 1, dataFormat } = checked('gaussianBlur', options, blurChecks)
  const sizes = perDimension('gaussianBlur: kernelSize', kernelSize, 2) as [number, number]
  return onImages('gaussianBlur', images, dataFormat, (batch) => {
    const x = toFloating(batch)
    const sigmas =
      sigma instanceof Tensor
        ? cast(sigma, x.dtype)
        : asTensor(typeof sigma === 'number' ? [sigma, sigma] : [...sigma], x.dtype)
    if (sigmas.size !== 2) {
      throw new ArgumentError({
        where: 'gaussianBlur: sigma',
        expected: 'a number or two',
        received: `${sigmas.size}`,
      })
    }
    return blurImages(x, sizes, sigmas)
  })
}
