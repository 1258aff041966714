import { ArgumentError } from '../../base/errors.ts'
import { anything, checked, optionsOf } from '../../base/options.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import { constant, Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { div, mul } from '../arithmetic.ts'
import { conv, perDimension } from '../convolution.ts'
import { exp, square } from '../elementwise.ts'
import { sum } from '../reduce.ts'
import { at, reshape, tile } from '../shape.ts'
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
  const along = (x: Tensor, kernel: Tensor, shape: readonly [number, number]): Tensor =>
    conv(x, tile(reshape(kernel, [...shape, 1, 1]), [1, 1, 1, channels]), {
      padding: 'same',
      groups: channels,
    })
  // A product of two bells: one axis after the other.
  const horizontal = along(images, gaussian(columns, at(sigmas, 0)), [1, columns])
  return along(horizontal, gaussian(rows, at(sigmas, 1)), [rows, 1])
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
