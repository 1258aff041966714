import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { pad } from '../../../ops/shape.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface RandomSharpnessOptions extends ColorOptions {
  /** How sharp, from 0 (blurred) over 0.5 (as they are) to 1: a number f for 0 to f, or two. */
  readonly factor: Factor
}

export const randomSharpnessChecks = optionsOf<RandomSharpnessOptions>()({
  factor: needed(anything),
  ...colorChecks,
})

interface Sharpness {
  /** (batch). */
  readonly factor: Tensor
}

/** Each pixel and its two neighbours along an axis, added up; beyond the edges stand zeros. */
function sumOfThree(images: Tensor, axis: 1 | 2): Tensor {
  const padding = images.shape.map((_, i) => (i === axis ? ([1, 1] as const) : ([0, 0] as const)))
  const padded = pad(images, padding)
  const part = (from: number): Tensor =>
    padded.slice(
      images.shape.map((_, i) => (i === axis ? from : 0)),
      images.shape,
    )
  return part(0).add(part(1)).add(part(2))
}

/** Images sharper or blurred; see {@link randomSharpness}. */
@takes(randomSharpnessChecks)
export class RandomSharpness extends FactorColorLayer<Sharpness> {
  readonly className = 'RandomSharpness'

  constructor({ factor, ...options }: RandomSharpnessOptions) {
    super('RandomSharpness', factor, [0, 1], options)
  }

  draw({ batch }: ImageSize): Sharpness {
    const [min, max] = this.factor
    return { factor: uniform([batch], { min, max, seed: this.seed }) }
  }

  /** Smooth is the mean of 3 × 3 pixels of which the middle counts five times: their sum and four times the middle, over 13. */
  transformImages(images: Tensor, { factor }: Sharpness): Tensor {
    const smooth = sumOfThree(sumOfThree(images, 1), 2).add(images.mul(4)).div(13)
    const share = factor.cast(images.dtype).mul(-2).add(1).reshape([-1, 1, 1, 1])
    return this.within(images.add(share.mul(smooth.sub(images))))
  }
}

/**
 * Makes each image sharper or blurred at random while training: between it and its average over 3 × 3 pixels, or beyond it. The
 * shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1.
 * @example
 * layers.randomSharpness({ factor: [0.3, 0.9] })
 */
export const randomSharpness = (options: RandomSharpnessOptions): RandomSharpness =>
  new RandomSharpness(options)
