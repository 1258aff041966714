import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { pow } from '../../../ops/arithmetic.ts'
import { integers } from '../../../random/index.ts'
import { full } from '../../../tensor/create.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer, toRange } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomPosterizationOptions extends ColorOptions {
  /** How many bits of 8 stay, from 1 to 8: a number n for 1 up to and without n, or two; both alike for always as many. */
  readonly factor: Factor
}

export const randomPosterizationChecks = optionsOf<RandomPosterizationOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Posterization {
  /** How many bits go, (batch). */
  readonly shiftFactor: Tensor
}

/** Images of fewer shades; see {@link randomPosterization}. */
@takes(randomPosterizationChecks)
export class RandomPosterization extends FactorColorLayer<Posterization> {
  readonly className = 'RandomPosterization'

  constructor({ factor, ...options }: RandomPosterizationOptions) {
    super('RandomPosterization', factor, [1, 8], options)
  }

  draw({ batch }: ImageSize): Posterization {
    const [min, max] = this.factor
    const kept =
      min === max
        ? full([batch], min)
        : integers([batch], {
            min: Math.floor(min),
            max: Math.max(Math.floor(max), Math.floor(min) + 1),
            seed: this.seed,
          })
    return { shiftFactor: kept.cast('float32').neg().add(8) }
  }

  transformImages(images: Tensor, { shiftFactor }: Posterization): Tensor {
    const bytes = toRange(images, this.valueRange, [0, 255]).cast('uint8').cast(images.dtype)
    // Bits to the right and back: whole multiples of 2ⁿ.
    const step = pow(2, shiftFactor.cast(images.dtype)).reshape([-1, 1, 1, 1])
    return toRange(bytes.div(step).floor().mul(step), [0, 255], this.valueRange)
  }
}

/**
 * Leaves each image fewer shades at random while training: the highest bits of its bytes. The shape stays.
 *
 * @throws ArgumentError for a factor outside of 1 to 8.
 * @example
 * layers.randomPosterization({ factor: [3, 6] })
 */
export const randomPosterization = (options: RandomPosterizationOptions): RandomPosterization =>
  new RandomPosterization(options)
