import { epsilon } from '../../../base/epsilon.ts'
import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { hsvToRgb, rgbToHsv } from '../../../ops/image/colors.ts'
import { stack, unstack } from '../../../ops/shape.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomSaturationOptions extends ColorOptions {
  /**
   * Two numbers that a factor f is drawn between: saturation becomes f / (1 − f) times as much, so that 0 gives greys and 0.5
   * changes nothing. One number f means −f to f, as in Keras.
   */
  readonly factor: Factor
}

export const randomSaturationChecks = optionsOf<RandomSaturationOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Saturation {
  /** What saturations are multiplied by: (batch). */
  readonly factor: Tensor
}

/** Images of more or less saturation; see {@link randomSaturation}. */
@takes(randomSaturationChecks)
export class RandomSaturation extends FactorColorLayer<Saturation> {
  readonly className = 'RandomSaturation'

  constructor({ factor, ...options }: RandomSaturationOptions) {
    super('RandomSaturation', factor, [-1, 1], options)
  }

  draw({ batch }: ImageSize): Saturation {
    const [min, max] = this.factor
    const factor = uniform([batch], { min, max, seed: this.seed })
    return { factor: factor.div(factor.neg().add(1 + epsilon)) }
  }

  transformImages(images: Tensor, { factor }: Saturation): Tensor {
    const [hue, saturation, value] = unstack(rgbToHsv(images), 3) as [Tensor, Tensor, Tensor]
    const changed = this.within(saturation.mul(factor.cast(images.dtype).reshape([-1, 1, 1])))
    return hsvToRgb(stack([hue, changed, value], 3))
  }
}

/**
 * Changes each image's saturation at random while training, in HSV. For images of three channels; the shape stays.
 *
 * @throws ArgumentError for a factor outside of −1 to 1, ShapeError for other channels.
 * @example
 * layers.randomSaturation({ factor: [0.4, 0.6], valueRange: [0, 1] })
 */
export const randomSaturation = (options: RandomSaturationOptions): RandomSaturation =>
  new RandomSaturation(options)
