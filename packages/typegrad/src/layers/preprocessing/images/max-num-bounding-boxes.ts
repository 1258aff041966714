import { count, integer, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type BoundingBoxes, ImageLayer, type ImageLayerOptions, imageLayerChecks } from './image-layer.ts'

export interface MaxNumBoundingBoxesOptions extends ImageLayerOptions {
  /** How many boxes each image has then. */
  readonly maxNumber: number
  /** What fills up boxes and labels. Default −1. */
  readonly fillValue?: number
}

export const maxNumBoundingBoxesChecks = optionsOf<MaxNumBoundingBoxesOptions>()({
  maxNumber: needed(count),
  fillValue: integer,
  ...imageLayerChecks,
})

/** So many boxes an image; see {@link maxNumBoundingBoxes}. */
@takes(maxNumBoundingBoxesChecks)
export class MaxNumBoundingBoxes extends ImageLayer<undefined> {
  readonly className = 'MaxNumBoundingBoxes'
  readonly maxNumber: number
  readonly fillValue: number

  constructor({ maxNumber, fillValue = -1, ...options }: MaxNumBoundingBoxesOptions) {
    super('MaxNumBoundingBoxes', options)
    this.maxNumber = maxNumber
    this.fillValue = fillValue
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    return images
  }

  override transformBoundingBoxes({ boxes, labels }: BoundingBoxes): BoundingBoxes {
    const [batch, found] = boxes.shape as [number, number]
    const kept = Math.min(found, this.maxNumber)
    const missing = this.maxNumber - kept
    const filled = (x: Tensor, rest: readonly number[]): Tensor =>
      x
        .slice([0, 0, ...rest.map(() => 0)], [batch, kept, ...rest])
        .pad([[0, 0], [0, missing], ...rest.map(() => [0, 0] as const)], { value: this.fillValue })
    return { boxes: filled(boxes, [4]), labels: filled(labels, []) }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maxNumber: this.maxNumber, fillValue: this.fillValue }
  }
}

/**
 * Gives every image as many boxes: leaves out those behind `maxNumber`, fills up with `fillValue`. Images stay. To be used by
 * `augment`.
 *
 * @throws ArgumentError for a number that is none.
 * @example
 * layers.maxNumBoundingBoxes({ maxNumber: 32, boundingBoxFormat: 'xyxy' })
 */
export const maxNumBoundingBoxes = (options: MaxNumBoundingBoxesOptions): MaxNumBoundingBoxes =>
  new MaxNumBoundingBoxes(options)
