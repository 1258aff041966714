import { ShapeError } from '../../base/errors.ts'
import { formatShape } from '../../base/shape.ts'
import { asTensor, type TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { channelsFirst, channelsLast, type DataFormat } from '../convolution.ts'
import { expandDims, squeeze } from '../shape.ts'

export interface ImageLayout {
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormat
}

/**
 * Runs a function of images (batch, height, width, channels) on one image or a batch of either layout.
 *
 * @throws ShapeError for another rank.
 */
export function onImages(
  where: string,
  images: TensorLike,
  dataFormat: DataFormat | undefined,
  body: (images: Tensor) => Tensor,
): Tensor {
  const given = asTensor(images)
  if (given.rank !== 3 && given.rank !== 4) {
    throw new ShapeError({
      where,
      expected: 'an image (height, width, channels) or a batch of them',
      received: `shape ${formatShape(given.shape)}`,
    })
  }
  const batch = given.rank === 3 ? expandDims(given, 0) : given
  const isFirst = dataFormat === 'channelsFirst'
  const changed = body(isFirst ? channelsLast(batch) : batch)
  const back = isFirst ? channelsFirst(changed) : changed
  return given.rank === 3 ? squeeze(back, 0) : back
}
