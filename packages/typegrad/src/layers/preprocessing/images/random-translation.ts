import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { concat } from '../../../ops/shape.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { AffineLayer, affineRows } from './affine-layer.ts'
import { movedBoxes } from './bounding-boxes.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { BoundingBoxes, ImageSize } from './image-layer.ts'
import { type SampledOptions, sampledChecks } from './sampled-layer.ts'

export interface RandomTranslationOptions extends SampledOptions {
  /** How far down, as a share of the height from −1 to 1: a number f for −f to f, or two. */
  readonly heightFactor: Factor
  /** How far to the right, as a share of the width. */
  readonly widthFactor: Factor
}

export const randomTranslationChecks = optionsOf<RandomTranslationOptions>()({
  heightFactor: needed(anything),
  widthFactor: needed(anything),
  ...sampledChecks,
})

interface Translation {
  /** Pixels to the right and down, (batch, 2). */
  readonly translations: Tensor
}

/** Shifted images; see {@link randomTranslation}. */
@takes(randomTranslationChecks)
export class RandomTranslation extends AffineLayer<Translation> {
  readonly className = 'RandomTranslation'
  readonly heightFactor: Range
  readonly widthFactor: Range

  constructor({ heightFactor, widthFactor, ...options }: RandomTranslationOptions) {
    super('RandomTranslation', options)
    this.heightFactor = factorRange('RandomTranslation: heightFactor', heightFactor, [-1, 1])
    this.widthFactor = factorRange('RandomTranslation: widthFactor', widthFactor, [-1, 1])
  }

  draw({ batch, height, width }: ImageSize): Translation {
    const drawn = ([min, max]: Range, side: number, k: number): Tensor =>
      uniform([batch, 1], { min, max, seed: this.seedOf(k) }).mul(side)
    return {
      translations: concat([drawn(this.widthFactor, width, 0), drawn(this.heightFactor, height, 1)], 1),
    }
  }

  protected matrix({ translations }: Translation): Tensor {
    return affineRows(translations.shape[0] as number, [
      1,
      0,
      translations.at(0, 1).neg(),
      0,
      1,
      translations.at(1, 1).neg(),
    ])
  }

  override transformBoundingBoxes(
    boxes: BoundingBoxes,
    { translations }: Translation,
    size: ImageSize,
  ): BoundingBoxes {
    const along = (axis: number): Tensor => translations.at(axis, 1).reshape([size.batch, 1, 1])
    const [dx, dy] = [along(0), along(1)]
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, size, ([x1, y1, x2, y2]) => [
      x1.add(dx),
      y1.add(dy),
      x2.add(dx),
      y2.add(dy),
    ])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), heightFactor: this.heightFactor, widthFactor: this.widthFactor }
  }
}

/**
 * Shifts each image at random while training. The shape stays.
 *
 * @throws ArgumentError for factors outside of −1 to 1.
 * @example
 * layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 })
 */
export const randomTranslation = (options: RandomTranslationOptions): RandomTranslation =>
  new RandomTranslation(options)
