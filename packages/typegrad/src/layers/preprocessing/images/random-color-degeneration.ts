import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { rgbToGrayscale } from '../../../ops/image/colors.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomColorDegenerationOptions extends ColorOptions {
  /** How grey, from 0 (as it is) to 1: two numbers, or one f for −f to f, as in Keras. */
  readonly factor: Factor
}

export const randomColorDegenerationChecks = optionsOf<RandomColorDegenerationOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Degeneration {
  /** (batch, 1, 1, 1). */
  readonly factor: Tensor
}

/** Images with less colour; see {@link randomColorDegeneration}. */
@takes(randomColorDegenerationChecks)
export class RandomColorDegeneration extends FactorColorLayer<Degeneration> {
  readonly className = 'RandomColorDegeneration'

  constructor({ factor, ...options }: RandomColorDegenerationOptions) {
    super('RandomColorDegeneration', factor, [-1, 1], options)
  }

  draw({ batch }: ImageSize): Degeneration {
    const [min, max] = this.factor
    return { factor: uniform([batch, 1, 1, 1], { min, max, seed: this.seed }) }
  }

  transformImages(images: Tensor, { factor }: Degeneration): Tensor {
    return this.within(images.add(factor.cast(images.dtype).mul(rgbToGrayscale(images).sub(images))))
  }
}

/**
 * Takes colour from each image at random while training: between it and its shades of grey. For images of three channels; the
 * shape stays.
 *
 * @throws ArgumentError for a factor outside of −1 to 1, ShapeError for other channels.
 * @example
 * layers.randomColorDegeneration({ factor: [0, 0.5] })
 */
export const randomColorDegeneration = (options: RandomColorDegenerationOptions): RandomColorDegeneration =>
  new RandomColorDegeneration(options)
