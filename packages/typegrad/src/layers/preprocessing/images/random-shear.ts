import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { concat } from '../../../ops/shape.ts'
import { bernoulli, uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { AffineLayer, affineRows } from './affine-layer.ts'
import { movedBoxes } from './bounding-boxes.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { BoundingBoxes, ImageSize } from './image-layer.ts'
import { type SampledOptions, sampledChecks } from './sampled-layer.ts'

export interface RandomShearOptions extends SampledOptions {
  /** How far rows slide, in columns a row from 0 to 1, either way: a number f for 0 to f, or two. Default 0. */
  readonly xFactor?: Factor
  /** How far columns slide, in rows a column. Default 0. */
  readonly yFactor?: Factor
}

export const randomShearChecks = optionsOf<RandomShearOptions>()({
  xFactor: anything,
  yFactor: anything,
  ...sampledChecks,
})

interface Shear {
  /** Along x and y, (batch, 2). */
  readonly shearFactor: Tensor
}

/** Sheared images; see {@link randomShear}. */
@takes(randomShearChecks)
export class RandomShear extends AffineLayer<Shear> {
  readonly className = 'RandomShear'
  readonly xFactor: Range
  readonly yFactor: Range

  constructor({ xFactor = 0, yFactor = 0, ...options }: RandomShearOptions = {}) {
    super('RandomShear', options)
    this.xFactor = shearRange('RandomShear: xFactor', xFactor)
    this.yFactor = shearRange('RandomShear: yFactor', yFactor)
  }

  draw({ batch }: ImageSize): Shear {
    const drawn = ([min, max]: Range, k: number): Tensor =>
      uniform([batch, 1], { min, max, seed: this.seedOf(k) })
    const sign = bernoulli([batch, 1], { seed: this.seedOf(2) })
      .mul(2)
      .sub(1)
    return { shearFactor: concat([drawn(this.xFactor, 0), drawn(this.yFactor, 1)], 1).mul(sign) }
  }

  protected matrix({ shearFactor }: Shear): Tensor {
    return affineRows(shearFactor.shape[0] as number, [
      1,
      shearFactor.at(0, 1),
      0,
      shearFactor.at(1, 1),
      1,
      0,
    ])
  }

  override transformBoundingBoxes(
    boxes: BoundingBoxes,
    { shearFactor }: Shear,
    size: ImageSize,
  ): BoundingBoxes {
    const { batch, height, width } = size
    const along = (axis: number): Tensor => shearFactor.cast('float32').at(axis, 1).reshape([batch, 1, 1])
    const [sx, sy] = [along(0), along(1)]
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, size, ([left, top, right, bottom]) => {
      // In shares of the sides, one axis after the other, as in Keras: the sides of the box at its outermost.
      const [x1, y1, x2, y2] = [left.div(width), top.div(height), right.div(width), bottom.div(height)]
      const isLeft = sx.less(0)
      const a1 = where(isLeft, x1.sub(sx.mul(y1)), x1.sub(sx.mul(y2)))
      const a2 = where(isLeft, x2.sub(sx.mul(y2)), x2.sub(sx.mul(y1)))
      const isDown = sy.greater(0)
      const b1 = where(isDown, y1.sub(sy.mul(a2)), y1.sub(sy.mul(a1)))
      const b2 = where(isDown, y2.sub(sy.mul(a1)), y2.sub(sy.mul(a2)))
      return [a1.mul(width), b1.mul(height), a2.mul(width), b2.mul(height)]
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), xFactor: this.xFactor, yFactor: this.yFactor }
  }
}

/** As Keras reads a shear: of one number f from −f to f. */
const shearRange = (where: string, factor: Factor): Range => {
  const [lower, upper] = factorRange(where, factor, [0, 1])
  return typeof factor === 'number' ? [0 - upper, upper] : [lower, upper]
}

/**
 * Shears each image at random while training: x ← x + s·y, y ← y + t·x. The shape stays.
 *
 * @throws ArgumentError for factors outside of 0 to 1.
 * @example
 * layers.randomShear({ xFactor: 0.2 })
 */
export const randomShear = (options?: RandomShearOptions): RandomShear => new RandomShear(options)
