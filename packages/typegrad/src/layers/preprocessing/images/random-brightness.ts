import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomBrightnessOptions extends ColorOptions {
  /** How much brighter, as a share of the range from −1 to 1: a number f for −f to f, or two. */
  readonly factor: Factor
}

export const randomBrightnessChecks = optionsOf<RandomBrightnessOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Brightness {
  /** What is added to each image, (batch, 1, 1, 1). */
  readonly rgbDelta: Tensor
}

/** Images brighter or darker; see {@link randomBrightness}. */
@takes(randomBrightnessChecks)
export class RandomBrightness extends FactorColorLayer<Brightness> {
  readonly className = 'RandomBrightness'

  constructor({ factor, ...options }: RandomBrightnessOptions) {
    super('RandomBrightness', factor, [-1, 1], options)
  }

  draw({ batch }: ImageSize): Brightness {
    const [min, max] = this.factor
    const drawn = uniform([batch, 1, 1, 1], { min, max, seed: this.seed })
    return { rgbDelta: drawn.mul(this.valueRange[1] - this.valueRange[0]) }
  }

  transformImages(images: Tensor, { rgbDelta }: Brightness): Tensor {
    return this.within(images.add(rgbDelta.cast(images.dtype)))
  }
}

/**
 * Makes each image brighter or darker at random while training: adds a number, and cuts to the range. The shape stays.
 *
 * @throws ArgumentError for a factor outside of −1 to 1, and for a range that is none.
 * @example
 * layers.randomBrightness({ factor: 0.2, valueRange: [0, 1] })
 */
export const randomBrightness = (options: RandomBrightnessOptions): RandomBrightness =>
  new RandomBrightness(options)
