import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { displaceImages } from '../../../ops/image/elastic-transform.ts'
import { blurImages } from '../../../ops/image/gaussian-blur.ts'
import type { SamplingOptions } from '../../../ops/image/map-coordinates.ts'
import { stack } from '../../../ops/shape.ts'
import { normal, uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { chance } from './chance.ts'
import { checkedValueRange, type Factor, factorRange, type Range } from './factors.ts'
import type { ImageSize } from './image-layer.ts'
import { SampledLayer, type SampledOptions, sampledChecks } from './sampled-layer.ts'

export interface RandomElasticTransformOptions extends SampledOptions {
  /** How likely an image is bent: a number f for 0 to f, or two that the probability is drawn between. Default 1. */
  readonly factor?: Factor
  /** How much, from 0 to 1: a number s for 0 to s, or two. Default 1. */
  readonly scale?: Factor
  /** The least and the largest value of the images. Default `[0, 255]`. */
  readonly valueRange?: Range
}

export const randomElasticTransformChecks = optionsOf<RandomElasticTransformOptions>()({
  factor: anything,
  scale: anything,
  valueRange: anything,
  ...sampledChecks,
})

interface Bending {
  /** Which images are bent: booleans (batch). */
  readonly applyTransform: Tensor
  /** How many pixels to the right each pixel comes from, (batch, height, width). */
  readonly dx: Tensor
  /** How many pixels below, (batch, height, width). */
  readonly dy: Tensor
}

/** Images bent like rubber; see {@link randomElasticTransform}. */
@takes(randomElasticTransformChecks)
export class RandomElasticTransform extends SampledLayer<Bending> {
  readonly className = 'RandomElasticTransform'
  readonly factor: Range
  readonly scale: Range
  readonly valueRange: Range

  constructor({
    factor = 1,
    scale = 1,
    valueRange = [0, 255],
    ...options
  }: RandomElasticTransformOptions = {}) {
    super('RandomElasticTransform', options)
    this.factor = factorRange('RandomElasticTransform: factor', factor, [0, 1])
    this.scale = factorRange('RandomElasticTransform: scale', scale, [0, 1])
    this.valueRange = checkedValueRange('RandomElasticTransform', valueRange)
  }

  /** Noise of deviation σ, blurred by σ and times α: α = 0.1·s·max(sides), σ = 0.05·s·min(sides) for a scale s. */
  draw({ batch, height, width }: ImageSize): Bending {
    const [min, max] = this.scale
    const drawn = uniform([], { min, max, seed: this.seedOf(2) })
    const alpha = drawn.mul(0.1 * Math.max(height, width))
    // A kernel of σ = 0 is one pixel.
    const sigma = drawn.mul(0.05 * Math.min(height, width)).maximum(1e-3)
    const size = Math.trunc(6 * 0.05 * Math.min(height, width) * max) | 1
    const field = (k: number): Tensor => {
      const noise = normal([batch, height, width, 1], { seed: this.seedOf(k) }).mul(sigma)
      return blurImages(noise, [size, size], stack([sigma, sigma], 0))
        .squeeze(-1)
        .mul(alpha)
    }
    return {
      applyTransform: chance(batch, this.factor, [this.seed, this.seedOf(1)]),
      dx: field(3),
      dy: field(6),
    }
  }

  protected sample(images: Tensor, { applyTransform, dx, dy }: Bending, sampling: SamplingOptions): Tensor {
    const bent = displaceImages(images, dx, dy, sampling)
    return where(applyTransform.reshape([-1, 1, 1, 1]), bent, images).clip({
      min: this.valueRange[0],
      max: this.valueRange[1],
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor, scale: this.scale, valueRange: this.valueRange }
  }
}

/**
 * Bends images at random while training, by displacements that are smooth noise (Simard, Steinkraus and Platt 2003). The shape
 * stays.
 *
 * @throws ArgumentError for factors outside of 0 to 1.
 * @example
 * layers.randomElasticTransform({ factor: 0.5, scale: [0.3, 0.8] })
 */
export const randomElasticTransform = (options?: RandomElasticTransformOptions): RandomElasticTransform =>
  new RandomElasticTransform(options)
