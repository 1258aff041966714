import { affineTransform } from '../../../ops/image/affine-transform.ts'
import type { SamplingOptions } from '../../../ops/image/map-coordinates.ts'
import { concat } from '../../../ops/shape.ts'
import { ones, zeros } from '../../../tensor/create.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { SampledLayer } from './sampled-layer.ts'

/** A layer that moves pixels by an affine map. */
export abstract class AffineLayer<T> extends SampledLayer<T> {
  /** [a₀, a₁, a₂, b₀, b₁, b₂, 0, 0] of each image, (batch, 8): where each pixel of the result comes from. */
  protected abstract matrix(transformation: T, height: number, width: number): Tensor

  protected sample(images: Tensor, transformation: T, sampling: SamplingOptions): Tensor {
    const [, height, width] = images.shape as [number, number, number]
    return affineTransform(images, this.matrix(transformation, height, width), sampling).cast(images.dtype)
  }
}

/** Columns (batch, 1) or numbers as the rows of maps, (batch, 8). */
export function affineRows(batch: number, entries: readonly (Tensor | number)[]): Tensor {
  const column = (entry: Tensor | number): Tensor =>
    typeof entry === 'number'
      ? entry === 0
        ? zeros([batch, 1])
        : ones([batch, 1]).mul(entry)
      : entry.cast('float32').reshape([batch, 1])
  return concat([...entries.map(column), zeros([batch, 2])], 1)
}
