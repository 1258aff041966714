import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomContrastOptions extends ColorOptions {
  /** Two numbers l, u from 0 to 1: the contrast becomes 1 − l to 1 + u times as much. One number f means 0 and f, as in Keras. */
  readonly factor: Factor
}

export const randomContrastChecks = optionsOf<RandomContrastOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Contrast {
  /** (batch, 1, 1, 1). */
  readonly contrastFactor: Tensor
}

/** Images of more or less contrast; see {@link randomContrast}. */
@takes(randomContrastChecks)
export class RandomContrast extends FactorColorLayer<Contrast> {
  readonly className = 'RandomContrast'

  constructor({ factor, ...options }: RandomContrastOptions) {
    super('RandomContrast', factor, [0, 1], options)
  }

  draw({ batch }: ImageSize): Contrast {
    const [lower, upper] = this.factor
    return { contrastFactor: uniform([batch, 1, 1, 1], { min: 1 - lower, max: 1 + upper, seed: this.seed }) }
  }

  transformImages(images: Tensor, { contrastFactor }: Contrast): Tensor {
    const mean = images.mean([1, 2], { keepDims: true })
    return this.within(images.sub(mean).mul(contrastFactor.cast(images.dtype)).add(mean))
  }
}

/**
 * Changes each image's contrast at random while training: (x − m) · factor + m about the mean m of each channel, cut to the
 * range. The shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1, and for a range that is none.
 * @example
 * layers.randomContrast({ factor: [0.2, 0.2] }) // 0.8 to 1.2 times the contrast
 */
export const randomContrast = (options: RandomContrastOptions): RandomContrast => new RandomContrast(options)
