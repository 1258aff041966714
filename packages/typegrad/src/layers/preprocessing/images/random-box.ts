import { pixelGrid } from '../../../ops/image/map-coordinates.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import type { ImageSize } from './image-layer.ts'

/** A box in each image, (batch) each. */
export interface RandomBox {
  readonly x0: Tensor
  readonly x1: Tensor
  readonly y0: Tensor
  readonly y1: Tensor
}

/** Boxes of given shares of the sides, (batch), wherever they fit. */
export function drawBox(
  { batch, height, width }: ImageSize,
  [across, down]: readonly [Tensor, Tensor],
  seeds: readonly (number | undefined)[],
): RandomBox {
  const along = (share: Tensor, side: number, seed: number | undefined): readonly [Tensor, Tensor] => {
    const length = share.mul(side)
    const start = uniform([batch], { seed }).mul(length.neg().add(side))
    return [start, start.add(length)]
  }
  const [x0, x1] = along(across, width, seeds[0])
  const [y0, y1] = along(down, height, seeds[1])
  return { x0, x1, y0, y1 }
}

/** Which pixels lie in the boxes: booleans (batch, height, width, 1). */
export function boxMask({ x0, x1, y0, y1 }: RandomBox, { batch, height, width }: ImageSize): Tensor {
  const [y, x] = pixelGrid(height, width, 'float32')
  const side = (t: Tensor): Tensor => t.reshape([batch, 1, 1])
  const across = x.greaterEqual(side(x0)).logicalAnd(x.less(side(x1)))
  const down = y.greaterEqual(side(y0)).logicalAnd(y.less(side(y1)))
  return across.logicalAnd(down).expandDims(-1)
}
