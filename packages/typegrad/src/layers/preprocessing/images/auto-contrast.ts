import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { toRange } from './color-layer.ts'
import { checkedValueRange, type Range } from './factors.ts'
import { ImageLayer, type ImageLayerOptions, imageLayerChecks } from './image-layer.ts'

export interface AutoContrastOptions extends ImageLayerOptions {
  /** The least and the largest value of the images. Default `[0, 255]`. */
  readonly valueRange?: Range
}

export const autoContrastChecks = optionsOf<AutoContrastOptions>()({
  valueRange: anything,
  ...imageLayerChecks,
})

/** Images whose values fill the range; see {@link autoContrast}. */
@takes(autoContrastChecks)
export class AutoContrast extends ImageLayer<undefined> {
  readonly className = 'AutoContrast'
  readonly valueRange: Range

  constructor({ valueRange = [0, 255], ...options }: AutoContrastOptions = {}) {
    super('AutoContrast', options)
    this.valueRange = checkedValueRange('AutoContrast', valueRange)
  }

  protected override get isAlwaysActive(): boolean {
    return true
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    const bytes = toRange(images, this.valueRange, [0, 255])
    const low = bytes.min([1, 2], { keepDims: true })
    const high = bytes.max([1, 2], { keepDims: true })
    const range = high.sub(low)
    const scale = where(range.equal(0), 1, range).reciprocal().mul(255)
    const stretched = bytes.mul(scale).add(low.neg().mul(scale)).clip({ min: 0, max: 255 })
    // Channels of one value have no contrast to be stretched.
    return where(range.equal(0), images, toRange(stretched, [0, 255], this.valueRange))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), valueRange: this.valueRange }
  }
}

/**
 * Stretches the values of each channel of each image over the whole range. Also outside of training; the shape stays.
 *
 * @throws ArgumentError for a range that is none.
 * @example
 * layers.autoContrast({ valueRange: [0, 1] })
 */
export const autoContrast = (options?: AutoContrastOptions): AutoContrast => new AutoContrast(options)
