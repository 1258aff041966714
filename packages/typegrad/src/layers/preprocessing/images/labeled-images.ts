import type { Tensor } from '../../../tensor/tensor.ts'

/** A batch of images, and their sides. */
export interface ImageSize {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
}

export interface BoundingBoxes {
  /** (batch, boxes, 4), in the layer's `boundingBoxFormat`. */
  readonly boxes: Tensor
  /** (batch, boxes): the class of each; −1 where there is none (any more). */
  readonly labels: Tensor
}

/** Images with what belongs to them. */
export interface LabeledImages {
  /** (batch, height, width, channels), in the layer's layout. */
  readonly images: Tensor
  /** (batch, classes). */
  readonly labels?: Tensor
  readonly boundingBoxes?: BoundingBoxes
  /** (batch, height, width, 1): the class of each pixel. */
  readonly segmentationMasks?: Tensor
}
