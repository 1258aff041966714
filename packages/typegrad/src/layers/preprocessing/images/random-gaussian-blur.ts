import { ArgumentError } from '../../../base/errors.ts'
import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { blurImages } from '../../../ops/image/gaussian-blur.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { chance } from './chance.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomGaussianBlurOptions extends ColorOptions {
  /** How likely an image is blurred: a number f for 0 to f, or two that the probability is drawn between. Default 1. */
  readonly factor?: Factor
  /** Pixels that are averaged over, odd; one number, or those across and down. Default 3. */
  readonly kernelSize?: number | readonly [number, number]
  /** Standard deviation in pixels from 0 to 1: a number s for 0 to s, or two. Default 1. */
  readonly sigma?: Factor
}

export const randomGaussianBlurChecks = optionsOf<RandomGaussianBlurOptions>()({
  factor: anything,
  kernelSize: anything,
  sigma: anything,
  ...colorChecks,
})

interface Blur {
  /** Which images are blurred: booleans (batch). */
  readonly shouldApplyBlur: Tensor
  /** Standard deviations across and down, [2], the same for the whole batch. */
  readonly blurFactor: Tensor
}

/** Blurred images; see {@link randomGaussianBlur}. */
@takes(randomGaussianBlurChecks)
export class RandomGaussianBlur extends FactorColorLayer<Blur> {
  readonly className = 'RandomGaussianBlur'
  readonly kernelSize: readonly [number, number]
  readonly sigma: Range

  constructor({ factor = 1, kernelSize = 3, sigma = 1, ...options }: RandomGaussianBlurOptions = {}) {
    super('RandomGaussianBlur', factor, [0, 1], options)
    const sizes = typeof kernelSize === 'number' ? ([kernelSize, kernelSize] as const) : kernelSize
    if (sizes.length !== 2 || !sizes.every((size) => Number.isInteger(size) && size > 0 && size % 2 === 1)) {
      throw new ArgumentError({
        where: 'RandomGaussianBlur: kernelSize',
        expected: 'an odd number, or two',
        received: JSON.stringify(kernelSize),
      })
    }
    this.kernelSize = sizes
    this.sigma = factorRange('RandomGaussianBlur: sigma', sigma, [0, 1])
  }

  draw({ batch }: ImageSize): Blur {
    const [min, max] = this.sigma
    return {
      shouldApplyBlur: chance(batch, this.factor, [this.seed, this.seedOf(1)]),
      blurFactor: uniform([2], { min, max, seed: this.seedOf(2) }).add(1e-6),
    }
  }

  transformImages(images: Tensor, { shouldApplyBlur, blurFactor }: Blur): Tensor {
    const blurred = blurImages(images, this.kernelSize, blurFactor.cast(images.dtype))
    return this.within(where(shouldApplyBlur.reshape([-1, 1, 1, 1]), blurred, images))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), kernelSize: this.kernelSize, sigma: this.sigma }
  }
}

/**
 * Blurs images at random while training by a Gaussian kernel; what is beyond the edges counts as 0. The shape stays.
 *
 * @throws ArgumentError for an even kernel, and factors outside of 0 to 1.
 * @example
 * layers.randomGaussianBlur({ factor: 0.5, kernelSize: 5 })
 */
export const randomGaussianBlur = (options?: RandomGaussianBlurOptions): RandomGaussianBlur =>
  new RandomGaussianBlur(options)
