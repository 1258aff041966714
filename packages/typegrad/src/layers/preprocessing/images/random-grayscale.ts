import { optionsOf, share } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { rgbToGrayscale } from '../../../ops/image/colors.ts'
import { bernoulli } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import {
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
} from './image-layer.ts'

export interface RandomGrayscaleOptions extends RandomImageOptions {
  /** How likely an image becomes grey, from 0 to 1. Default 0.5. */
  readonly factor?: number
}

export const randomGrayscaleChecks = optionsOf<RandomGrayscaleOptions>()({
  factor: share,
  ...randomImageChecks,
})

interface Grayscale {
  /** Which images become grey: booleans (batch, 1, 1, 1). */
  readonly shouldApply: Tensor
}

/** Images in shades of grey; see {@link randomGrayscale}. */
@takes(randomGrayscaleChecks)
export class RandomGrayscale extends RandomImageLayer<Grayscale> {
  readonly className = 'RandomGrayscale'
  readonly factor: number

  constructor({ factor = 0.5, ...options }: RandomGrayscaleOptions = {}) {
    super('RandomGrayscale', options)
    this.factor = factor
  }

  draw({ batch }: ImageSize): Grayscale {
    return {
      shouldApply: bernoulli([batch, 1, 1, 1], { probability: this.factor, seed: this.seed, dtype: 'bool' }),
    }
  }

  transformImages(images: Tensor, { shouldApply }: Grayscale): Tensor {
    return where(shouldApply, rgbToGrayscale(images), images)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor }
  }
}

/**
 * Makes images grey at random while training, each with a probability. For images of three channels, which there are then too.
 *
 * @throws ArgumentError for a probability that is none, ShapeError for other channels.
 * @example
 * layers.randomGrayscale({ factor: 0.2 })
 */
export const randomGrayscale = (options?: RandomGrayscaleOptions): RandomGrayscale =>
  new RandomGrayscale(options)
