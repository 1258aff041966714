import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { chance } from './chance.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomInvertOptions extends ColorOptions {
  /** How likely an image is inverted: a number f for 0 to f, or two that the probability is drawn between. Default 1. */
  readonly factor?: Factor
}

export const randomInvertChecks = optionsOf<RandomInvertOptions>()({ factor: anything, ...colorChecks })

interface Inversion {
  /** Which images are inverted: booleans (batch). */
  readonly applyInversion: Tensor
}

/** Images as negatives; see {@link randomInvert}. */
@takes(randomInvertChecks)
export class RandomInvert extends FactorColorLayer<Inversion> {
  readonly className = 'RandomInvert'

  constructor({ factor = 1, ...options }: RandomInvertOptions = {}) {
    super('RandomInvert', factor, [0, 1], options)
  }

  draw({ batch }: ImageSize): Inversion {
    return { applyInversion: chance(batch, this.factor, [this.seed, this.seedOf(1)]) }
  }

  transformImages(images: Tensor, { applyInversion }: Inversion): Tensor {
    return where(applyInversion.reshape([-1, 1, 1, 1]), images.neg().add(this.valueRange[1]), images)
  }
}

/**
 * Inverts images at random while training: the largest value minus each. The shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1.
 * @example
 * layers.randomInvert({ factor: [0.5, 0.5] })
 */
export const randomInvert = (options?: RandomInvertOptions): RandomInvert => new RandomInvert(options)
