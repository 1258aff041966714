import { anything, count, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { gather } from '../../../ops/indexing.ts'
import { stack, unstack } from '../../../ops/shape.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { checkedValueRange, type Range } from './factors.ts'
import { ImageLayer, type ImageLayerOptions, imageLayerChecks } from './image-layer.ts'
import { shadeCounts } from './shade-counts.ts'

export interface EqualizationOptions extends ImageLayerOptions {
  /** The least and the largest value of the images. Default `[0, 255]`. */
  readonly valueRange?: Range
  /** How many shades are told apart. Default 256. */
  readonly bins?: number
}

export const equalizationChecks = optionsOf<EqualizationOptions>()({
  valueRange: anything,
  bins: count,
  ...imageLayerChecks,
})

/** Images whose shades come equally often; see {@link equalization}. */
@takes(equalizationChecks)
export class Equalization extends ImageLayer<undefined> {
  readonly className = 'Equalization'
  readonly valueRange: Range
  readonly bins: number

  constructor({ valueRange = [0, 255], bins = 256, ...options }: EqualizationOptions = {}) {
    super('Equalization', options)
    this.valueRange = checkedValueRange('Equalization', valueRange)
    this.bins = bins
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    return stack(
      unstack(images, 3).map((channel) => this.#equalized(channel)),
      3,
    )
  }

  /** One channel of the whole batch: as in Keras its images share a histogram. */
  #equalized(channel: Tensor): Tensor {
    const { bins } = this
    const [low, high] = this.valueRange
    const scale = 255 / (high - low)
    const bytes = low === 0 && high === 255 ? channel : channel.mul(scale).add(-low * scale)
    const bin = (x: Tensor): Tensor => x.clip({ min: 0, max: bins - 1 }).cast('int32')
    const histogram = shadeCounts(bin(bytes.mul(bins - 1).div(255)).flatten(), bins)
    const upTo = histogram.cumsum(0)
    const least = where(upTo.greater(0), upTo, Number.POSITIVE_INFINITY).min()
    const rest = upTo.at(bins - 1).sub(least)
    const table = upTo
      .sub(least)
      .mul(255)
      .div(where(rest.equal(0), 1, rest))
      .round()
      .clip({ min: 0, max: 255 })
    const isFlat = histogram.greater(0).cast('int32').sum().lessEqual(1)
    const equalized = where(isFlat, bytes, gather(table, bin(bytes.div(255).mul(bins - 1))).cast(bytes.dtype))
    return low === 0 && high === 255 ? equalized : equalized.mul(1 / scale).add(low)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), bins: this.bins, valueRange: this.valueRange }
  }
}

/**
 * Spreads the shades of each channel while training so that they come about equally often: histogram equalization. As in Keras
 * the images of a batch share a histogram. The shape stays.
 *
 * @throws ArgumentError for a range or bins that are none.
 * @example
 * layers.equalization({ valueRange: [0, 1] })
 */
export const equalization = (options?: EqualizationOptions): Equalization => new Equalization(options)
