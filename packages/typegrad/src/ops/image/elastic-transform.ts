import { anything, checked, notNegative, optionsOf } from '../../base/options.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { toFloating } from '../apply.ts'
import { add, mul } from '../arithmetic.ts'
import { type ImageLayout, onImages } from './layout.ts'
import { pixelGrid, type SamplingOptions, sampleImages, samplingChecks } from './map-coordinates.ts'

export interface ElasticTransformOptions extends SamplingOptions, ImageLayout {
  /** How far the displacements reach: what they are multiplied by. Default 20. */
  readonly alpha?: number
}

const elasticChecks = optionsOf<ElasticTransformOptions>()({
  alpha: notNegative,
  ...samplingChecks,
  dataFormat: anything,
})

/** Images (batch, height, width, channels) whose pixel (x, y) is the input's at (x + dx, y + dy); dx, dy (batch, height, width). */
export function displaceImages(images: Tensor, dx: Tensor, dy: Tensor, sampling: SamplingOptions): Tensor {
  const [, height, width] = images.shape as [number, number, number]
  const [y, x] = pixelGrid(height, width, 'float32')
  return sampleImages(images, add(y, dy), add(x, dx), sampling)
}

/**
 * Images bent by a field of displacements: pixel (x, y) is the input's at (x + α·dx, y + α·dy). Smooth noise as the field is
 * the elastic deformation of Simard, Steinkraus and Platt (2003).
 *
 * @param images (height, width, channels), or with a batch in front.
 * @param dx (batch, height, width): horizontal displacements before α.
 * @param dy the vertical ones.
 * @param options the default `fillMode` is `'reflect'` here.
 * @example
 * const noise = ops.image.gaussianBlur(random.normal([1, 28, 28, 1]), { kernelSize: 31, sigma: 5 }).squeeze(-1)
 * ops.image.elasticTransform(images, noise, noise, { alpha: 20 })
 */
export function elasticTransform(
  images: TensorLike,
  dx: Tensor,
  dy: Tensor,
  options: ElasticTransformOptions = {},
): Tensor {
  const {
    alpha = 20,
    dataFormat,
    fillMode = 'reflect',
    ...sampling
  } = checked('elasticTransform', options, elasticChecks)
  return onImages('elasticTransform', images, dataFormat, (batch) =>
    displaceImages(toFloating(batch), mul(dx, alpha), mul(dy, alpha), { ...sampling, fillMode }),
  )
}
