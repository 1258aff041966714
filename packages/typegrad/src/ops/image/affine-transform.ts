import { ShapeError } from '../../base/errors.ts'
import { anything, checked, optionsOf } from '../../base/options.ts'
import { formatShape } from '../../base/shape.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cast, toFloating } from '../apply.ts'
import { add, mul } from '../arithmetic.ts'
import { at, expandDims, reshape } from '../shape.ts'
import { type ImageLayout, onImages } from './layout.ts'
import { pixelGrid, type SamplingOptions, sampleImages, samplingChecks } from './map-coordinates.ts'

export interface AffineTransformOptions extends SamplingOptions, ImageLayout {}

const affineChecks = optionsOf<AffineTransformOptions>()({ ...samplingChecks, dataFormat: anything })

/**
 * Images whose pixel (x, y) is the input's at (a₀x + a₁y + a₂, b₀x + b₁y + b₂): rotations, zooms, shifts and shears.
 *
 * @param images (height, width, channels), or with a batch in front.
 * @param transform [a₀, a₁, a₂, b₀, b₁, b₂, c₀, c₁], of which the last two are 0, or a row for each image.
 * @throws ShapeError for other shapes.
 * @example
 * ops.image.affineTransform(image, [1, 0, 10, 0, 1, 0, 0, 0]) // 10 pixels to the left
 */
export function affineTransform(
  images: TensorLike,
  transform: TensorLike,
  options: AffineTransformOptions = {},
): Tensor {
  const { dataFormat, ...sampling } = checked('affineTransform', options, affineChecks)
  const given = asTensor(transform)
  return onImages('affineTransform', images, dataFormat, (batch) => {
    const rows = given.rank === 1 ? expandDims(given, 0) : given
    const count = batch.shape[0] as number
    if (rows.rank !== 2 || rows.shape[1] !== 8 || (rows.shape[0] !== 1 && rows.shape[0] !== count)) {
      throw new ShapeError({
        where: 'affineTransform',
        expected: `a transform [8], or [${count}, 8]`,
        received: formatShape(given.shape),
      })
    }
    const [, height, width] = batch.shape as [number, number, number]
    const floating = cast(toFloating(rows), 'float32')
    const [a0, a1, a2, b0, b1, b2] = [0, 1, 2, 3, 4, 5].map(
      (i): Tensor => reshape(at(floating, i, 1), [rows.shape[0] as number, 1, 1]),
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const [y, x] = pixelGrid(height, width, 'float32')
    const spread = (t: Tensor): Tensor => (t.shape[0] === count ? t : t.broadcastTo([count, height, width]))
    const fromY = spread(add(add(mul(y, b1), mul(x, b0)), b2))
    const fromX = spread(add(add(mul(y, a1), mul(x, a0)), a2))
    return sampleImages(toFloating(batch), fromY, fromX, sampling)
  })
}
