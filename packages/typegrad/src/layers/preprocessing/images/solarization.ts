import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { ColorLayer, type ColorOptions, colorChecks, toRange } from './color-layer.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface SolarizationOptions extends ColorOptions {
  /** How much is added first, as a share of the range from 0 to 1: a number f for 0 to f, or two. Default 0. */
  readonly additionFactor?: Factor
  /** From which value on pixels are inverted, as a share of the range: a number f for 0 to f, or two. Default 0: all of them. */
  readonly thresholdFactor?: Factor
}

export const solarizationChecks = optionsOf<SolarizationOptions>()({
  additionFactor: anything,
  thresholdFactor: anything,
  ...colorChecks,
})

interface Solarized {
  /** (batch, 1, 1, 1), of 0 to 255. */
  readonly additions: Tensor
  /** (batch, 1, 1, 1), of 0 to 255. */
  readonly thresholds: Tensor
}

/** Images whose bright pixels are inverted; see {@link solarization}. */
@takes(solarizationChecks)
export class Solarization extends ColorLayer<Solarized> {
  readonly className = 'Solarization'
  readonly additionFactor: Range
  readonly thresholdFactor: Range

  constructor({ additionFactor = 0, thresholdFactor = 0, ...options }: SolarizationOptions = {}) {
    super('Solarization', options)
    this.additionFactor = factorRange('Solarization: additionFactor', additionFactor, [0, 1])
    this.thresholdFactor = factorRange('Solarization: thresholdFactor', thresholdFactor, [0, 1])
  }

  draw({ batch }: ImageSize): Solarized {
    const drawn = ([min, max]: Range, k: number): Tensor =>
      uniform([batch, 1, 1, 1], { seed: this.seedOf(k) })
        .mul(max * 255 - min)
        .add(min)
    return { additions: drawn(this.additionFactor, 0), thresholds: drawn(this.thresholdFactor, 1) }
  }

  transformImages(images: Tensor, { additions, thresholds }: Solarized): Tensor {
    const bytes = toRange(images, this.valueRange, [0, 255])
    const added = bytes.add(additions.cast(images.dtype)).clip({ min: 0, max: 255 })
    const inverted = where(added.less(thresholds.cast(images.dtype)), added, added.neg().add(255))
    return toRange(inverted, [0, 255], this.valueRange)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      additionFactor: this.additionFactor,
      thresholdFactor: this.thresholdFactor,
    }
  }
}

/**
 * Inverts the pixels above a threshold while training, each image's drawn at random, after something was added. The shape stays.
 *
 * @throws ArgumentError for factors outside of 0 to 1.
 * @example
 * layers.solarization({ thresholdFactor: [0.3, 0.7] })
 */
export const solarization = (options?: SolarizationOptions): Solarization => new Solarization(options)
