import { ArgumentError } from '../../../base/errors.ts'
import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { normal, uniform } from '../../../random/index.ts'
import { constant, type Tensor } from '../../../tensor/tensor.ts'
import { chance } from './chance.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { ImageSize } from './image-layer.ts'
import { boxMask, drawBox } from './random-box.ts'

export interface RandomErasingOptions extends ColorOptions {
  /** How likely something is erased: a number f for 0 to f, or two that the probability is drawn between. Default 1. */
  readonly factor?: Factor
  /** The share of the area that is erased: a number s for 0 to s, or two. Default `[0.02, 0.33]`. */
  readonly scale?: Factor
  /** What is put there: a number, or one for each of three channels. Default: normal noise times the largest value. */
  readonly fillValue?: number | readonly number[] | null
}

export const randomErasingChecks = optionsOf<RandomErasingOptions>()({
  factor: anything,
  scale: anything,
  fillValue: anything,
  ...colorChecks,
})

interface Erasing {
  /** In which images something is erased: booleans (batch). */
  readonly applyErasing: Tensor
  /** Which pixels: booleans (batch, height, width, 1). */
  readonly batchMasks: Tensor
  /** What is put there. */
  readonly fillValue: Tensor
}

/** Images without a rectangle; see {@link randomErasing}. */
@takes(randomErasingChecks)
export class RandomErasing extends FactorColorLayer<Erasing> {
  readonly className = 'RandomErasing'
  readonly scale: Range
  readonly fillValue: number | readonly number[] | undefined

  constructor({ factor = 1, scale = [0.02, 0.33], fillValue, ...options }: RandomErasingOptions = {}) {
    super('RandomErasing', factor, [0, 1], options)
    this.scale = factorRange('RandomErasing: scale', scale, [0, 1])
    this.fillValue = fillValue ?? undefined
    const isFill = typeof fillValue === 'number' || (Array.isArray(fillValue) && fillValue.length === 3)
    if (fillValue == null || isFill) return
    throw new ArgumentError({
      where: 'RandomErasing: fillValue',
      expected: 'a number, or three',
      received: JSON.stringify(fillValue),
    })
  }

  draw(size: ImageSize): Erasing {
    const { batch } = size
    const [min, max] = this.scale
    const sides = uniform([batch, 2], { min, max, seed: this.seedOf(2) }).sqrt()
    const box = drawBox(size, [sides.at(0, 1), sides.at(1, 1)], [this.seedOf(3), this.seedOf(4)])
    return {
      applyErasing: chance(batch, this.factor, [this.seed, this.seedOf(1)]),
      batchMasks: boxMask(box, size),
      fillValue: this.within(this.#fill(size)),
    }
  }

  #fill({ batch, height, width, channels }: ImageSize): Tensor {
    const { fillValue } = this
    if (fillValue === undefined)
      return normal([batch, height, width, channels], { seed: this.seedOf(5) }).mul(this.valueRange[1])
    return typeof fillValue === 'number'
      ? constant([fillValue], [1, 1, 1, 1], 'float32')
      : constant(fillValue, [1, 1, 1, 3], 'float32')
  }

  transformImages(images: Tensor, { applyErasing, batchMasks, fillValue }: Erasing): Tensor {
    const isErased = batchMasks.logicalAnd(applyErasing.reshape([-1, 1, 1, 1]))
    return where(isErased, fillValue.cast(images.dtype), images)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, fillValue: this.fillValue ?? null }
  }
}

/**
 * Erases a rectangle of each image at random while training (Zhong et al. 2017, https://arxiv.org/abs/1708.04896). The shape
 * stays.
 *
 * @throws ArgumentError for factors outside of 0 to 1.
 * @example
 * layers.randomErasing({ factor: 0.5, fillValue: 0 })
 */
export const randomErasing = (options?: RandomErasingOptions): RandomErasing => new RandomErasing(options)
