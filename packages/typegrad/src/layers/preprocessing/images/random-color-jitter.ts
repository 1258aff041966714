import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { ColorLayer, type ColorOptions, colorChecks } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'
import { RandomBrightness } from './random-brightness.ts'
import { RandomContrast } from './random-contrast.ts'
import { RandomHue } from './random-hue.ts'
import { RandomSaturation } from './random-saturation.ts'

export interface RandomColorJitterOptions extends ColorOptions {
  /** As in `randomBrightness`. Default none: brightness stays. */
  readonly brightnessFactor?: Factor | null
  /** As in `randomContrast`. Default none: contrast stays. */
  readonly contrastFactor?: Factor | null
  /** As in `randomSaturation`. Default none: saturation stays. */
  readonly saturationFactor?: Factor | null
  /** As in `randomHue`. Default none: hues stay. */
  readonly hueFactor?: Factor | null
}

export const randomColorJitterChecks = optionsOf<RandomColorJitterOptions>()({
  brightnessFactor: anything,
  contrastFactor: anything,
  saturationFactor: anything,
  hueFactor: anything,
  ...colorChecks,
})

/** What the layers in it have drawn, in their order. */
type Jitter = readonly ((images: Tensor) => Tensor)[]

/** Brightness, contrast, saturation and hue changed one after another; see {@link randomColorJitter}. */
@takes(randomColorJitterChecks)
export class RandomColorJitter extends ColorLayer<Jitter> {
  readonly className = 'RandomColorJitter'
  readonly #factors: Readonly<Record<string, Factor | null>>
  readonly #draws: readonly ((size: ImageSize) => (images: Tensor) => Tensor)[]

  constructor({
    brightnessFactor,
    contrastFactor,
    saturationFactor,
    hueFactor,
    ...options
  }: RandomColorJitterOptions = {}) {
    super('RandomColorJitter', options)
    this.#factors = {
      brightnessFactor: brightnessFactor ?? null,
      contrastFactor: contrastFactor ?? null,
      saturationFactor: saturationFactor ?? null,
      hueFactor: hueFactor ?? null,
    }
    const inner = (factor: Factor, k: number) => {
      const seed = this.seedOf(4 * k)
      return {
        factor,
        valueRange: this.valueRange,
        dtype: this.dtype,
        ...(seed === undefined ? {} : { seed }),
      }
    }
    this.#draws = [
      ...(brightnessFactor == null ? [] : [steps(new RandomBrightness(inner(brightnessFactor, 0)))]),
      ...(contrastFactor == null ? [] : [steps(new RandomContrast(inner(contrastFactor, 1)))]),
      ...(saturationFactor == null ? [] : [steps(new RandomSaturation(inner(saturationFactor, 2)))]),
      ...(hueFactor == null ? [] : [steps(new RandomHue(inner(hueFactor, 3)))]),
    ]
  }

  draw(size: ImageSize): Jitter {
    return this.#draws.map((draw) => draw(size))
  }

  transformImages(images: Tensor, jitter: Jitter): Tensor {
    return jitter.reduce((x, change) => change(x), images)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#factors }
  }
}

/** A layer's draw, and what it does by it. */
const steps =
  <T>(layer: { draw(size: ImageSize): T; transformImages(images: Tensor, drawn: T): Tensor }) =>
  (size: ImageSize): ((images: Tensor) => Tensor) => {
    const drawn = layer.draw(size)
    return (images) => layer.transformImages(images, drawn)
  }

/**
 * Changes each image's brightness, contrast, saturation and hue at random while training, in this order. For images of three
 * channels; the shape stays.
 *
 * @throws ArgumentError for a factor that the layer in question does not take.
 * @example
 * layers.randomColorJitter({ brightnessFactor: 0.2, saturationFactor: [0.4, 0.6] })
 */
export const randomColorJitter = (options?: RandomColorJitterOptions): RandomColorJitter =>
  new RandomColorJitter(options)
