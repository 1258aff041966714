import { anything, optionsOf } from '../../../base/options.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { checkedValueRange, type Factor, factorRange, type Range } from './factors.ts'
import { RandomImageLayer, type RandomImageOptions, randomImageChecks } from './image-layer.ts'

export interface ColorOptions extends RandomImageOptions {
  /** The least and the largest value of the images. Default `[0, 255]`. */
  readonly valueRange?: Range
}

export const colorChecks = optionsOf<ColorOptions>()({ valueRange: anything, ...randomImageChecks })

/** A layer that changes colours: boxes and masks stay. */
export abstract class ColorLayer<T> extends RandomImageLayer<T> {
  readonly valueRange: Range

  constructor(where: string, { valueRange = [0, 255], ...options }: ColorOptions = {}) {
    super(where, options)
    this.valueRange = checkedValueRange(where, valueRange)
  }

  /** Values cut to the range. */
  protected within(images: Tensor): Tensor {
    return images.clip({ min: this.valueRange[0], max: this.valueRange[1] })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), valueRange: this.valueRange }
  }
}

/** A layer of colours with one factor. */
export abstract class FactorColorLayer<T> extends ColorLayer<T> {
  /** What draws lie between. */
  readonly factor: Range

  constructor(where: string, factor: Factor, bounds: Range, options: ColorOptions) {
    super(where, options)
    this.factor = factorRange(`${where}: factor`, factor, bounds)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor }
  }
}

/** Values of one range on another. */
export function toRange(images: Tensor, [from, upTo]: Range, [target, targetUpTo]: Range): Tensor {
  if (from === target && upTo === targetUpTo) return images
  return images
    .sub(from)
    .div(upTo - from)
    .mul(targetUpTo - target)
    .add(target)
}
