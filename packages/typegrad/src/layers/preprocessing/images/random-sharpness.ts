import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { conv } from '../../../ops/convolution.ts'
import { tile } from '../../../ops/shape.ts'
import { uniform } from '../../../random/index.ts'
import { constant, type Tensor } from '../../../tensor/tensor.ts'
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

const [edge, middle] = [1 / 13, 5 / 13]

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

  transformImages(images: Tensor, { factor }: Sharpness): Tensor {
    const channels = images.shape[3] as number
    const weights = [edge, edge, edge, edge, middle, edge, edge, edge, edge]
    const kernel = tile(constant(weights, [3, 3, 1, 1], images.dtype), [1, 1, 1, channels])
    const smooth = conv(images, kernel, { padding: 'same', groups: channels })
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
