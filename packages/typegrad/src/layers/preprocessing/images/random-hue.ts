import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { hsvToRgb, rgbToHsv } from '../../../ops/image/colors.ts'
import { stack, unstack } from '../../../ops/shape.ts'
import { bernoulli, uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer, toRange } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomHueOptions extends ColorOptions {
  /** How far hues turn, from 0 to 1 for a half turn, in either direction: a number f for 0 to f, or two. */
  readonly factor: Factor
}

export const randomHueChecks = optionsOf<RandomHueOptions>()({ factor: needed(anything), ...colorChecks })

interface Hue {
  /** What is added to the hues, in turns: (batch). */
  readonly factor: Tensor
}

/** Images of other hues; see {@link randomHue}. */
@takes(randomHueChecks)
export class RandomHue extends FactorColorLayer<Hue> {
  readonly className = 'RandomHue'

  constructor({ factor, ...options }: RandomHueOptions) {
    super('RandomHue', factor, [0, 1], options)
  }

  draw({ batch }: ImageSize): Hue {
    const [min, max] = this.factor
    const sign = bernoulli([batch], { seed: this.seedOf(1) })
      .mul(2)
      .sub(1)
    return { factor: uniform([batch], { min, max, seed: this.seed }).mul(sign).mul(0.5) }
  }

  transformImages(images: Tensor, { factor }: Hue): Tensor {
    const hsv = rgbToHsv(toRange(images, this.valueRange, [0, 1]))
    const [hue, saturation, value] = unstack(hsv, 3) as [Tensor, Tensor, Tensor]
    const turned = hue.add(factor.cast(images.dtype).reshape([-1, 1, 1]))
    const below = where(turned.greater(1), turned.sub(1), turned)
    const whole = where(below.less(0), below.add(1), below)
    const rgb = hsvToRgb(stack([whole, saturation, value], 3))
    return toRange(rgb.clip({ min: 0, max: 1 }), [0, 1], this.valueRange)
  }
}

/**
 * Turns the hues of each image at random while training, in HSV. For images of three channels; the shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1, ShapeError for other channels.
 * @example
 * layers.randomHue({ factor: 0.1 })
 */
export const randomHue = (options: RandomHueOptions): RandomHue => new RandomHue(options)
