import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { maximum, minimum } from '../../../ops/arithmetic.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { AffineLayer, affineRows } from './affine-layer.ts'
import { type Four, movedBoxes } from './bounding-boxes.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { BoundingBoxes, ImageSize } from './image-layer.ts'
import { type SampledOptions, sampledChecks } from './sampled-layer.ts'

export interface RandomRotationOptions extends SampledOptions {
  /** How far, in whole turns from −1 to 1: a number f for −f to f, or two. */
  readonly factor: Factor
}

export const randomRotationChecks = optionsOf<RandomRotationOptions>()({
  factor: needed(anything),
  ...sampledChecks,
})

interface Rotation {
  /** Degrees, (batch). */
  readonly angle: Tensor
}

/** Rotated images; see {@link randomRotation}. */
@takes(randomRotationChecks)
export class RandomRotation extends AffineLayer<Rotation> {
  readonly className = 'RandomRotation'
  readonly factor: Range

  constructor({ factor, ...options }: RandomRotationOptions) {
    super('RandomRotation', options)
    this.factor = factorRange('RandomRotation: factor', factor, [-1, 1])
  }

  draw({ batch }: ImageSize): Rotation {
    const [min, max] = this.factor
    return { angle: uniform([batch], { min: min * 360, max: max * 360, seed: this.seed }) }
  }

  /** About the middle (cx, cy): x ← cos·x − sin·y + cx − cos·cx + sin·cy, y ← sin·x + cos·y + cy − sin·cx − cos·cy. */
  protected matrix({ angle }: Rotation, height: number, width: number): Tensor {
    const radians = angle.cast('float32').mul(Math.PI / 180)
    const [cos, sin] = [radians.cos(), radians.sin()]
    const [cx, cy] = [0.5 * (width - 1), 0.5 * (height - 1)]
    return affineRows(angle.shape[0] as number, [
      cos,
      sin.neg(),
      cos.mul(-cx).add(cx).add(sin.mul(cy)),
      sin,
      cos,
      sin.mul(-cx).add(cy).sub(cos.mul(cy)),
    ])
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, { angle }: Rotation, size: ImageSize): BoundingBoxes {
    const { batch, height, width } = size
    const radians = angle
      .cast('float32')
      .mul(Math.PI / 180)
      .reshape([batch, 1, 1])
    const [cos, sin] = [radians.cos(), radians.sin()]
    const [cx, cy] = [0.5 * (width - 1), 0.5 * (height - 1)]
    const format = this.boundingBoxFormat ?? 'xyxy'
    return movedBoxes(boxes, format, size, size, ([x1, y1, x2, y2]: Four): Four => {
      // The corners go the other way than the places that pixels come from.
      const corners = [
        [x1, y1],
        [x2, y1],
        [x2, y2],
        [x1, y2],
      ] as const
      const xs = corners.map(([x, y]) =>
        cos
          .mul(x.sub(cx))
          .add(sin.mul(y.sub(cy)))
          .add(cx),
      )
      const ys = corners.map(([x, y]) =>
        cos
          .mul(y.sub(cy))
          .sub(sin.mul(x.sub(cx)))
          .add(cy),
      )
      const least = (all: Tensor[]): Tensor => all.reduce((a, b) => minimum(a, b))
      const most = (all: Tensor[]): Tensor => all.reduce((a, b) => maximum(a, b))
      return [least(xs), least(ys), most(xs), most(ys)]
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor }
  }
}

/**
 * Rotates each image about its middle at random while training. Boxes become those around the rotated ones. The shape stays.
 *
 * @throws ArgumentError for a factor outside of −1 to 1.
 * @example
 * layers.randomRotation({ factor: 0.05 }) // up to 18 degrees either way
 */
export const randomRotation = (options: RandomRotationOptions): RandomRotation => new RandomRotation(options)
