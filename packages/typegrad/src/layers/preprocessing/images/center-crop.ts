import { count, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { resizeImages, windowOfRatio } from '../../../ops/image/resize.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { movedBoxes } from './bounding-boxes.ts'
import {
  type BoundingBoxes,
  ImageLayer,
  type ImageLayerOptions,
  type ImageSize,
  imageLayerChecks,
  sizeOfImages,
} from './image-layer.ts'

export interface CenterCropOptions extends ImageLayerOptions {
  /** Rows of the new images. */
  readonly height: number
  /** Columns of the new images. */
  readonly width: number
}

export const centerCropChecks = optionsOf<CenterCropOptions>()({
  height: needed(count),
  width: needed(count),
  ...imageLayerChecks,
})

/** The middle of images; see {@link centerCrop}. */
@takes(centerCropChecks)
export class CenterCrop extends ImageLayer<undefined> {
  readonly className = 'CenterCrop'
  readonly height: number
  readonly width: number

  constructor({ height, width, ...options }: CenterCropOptions) {
    super('CenterCrop', options)
    this.height = height
    this.width = width
  }

  protected override get isAlwaysActive(): boolean {
    return true
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    const { batch, height, width, channels } = sizeOfImages(images)
    const [above, beside] = [height - this.height, width - this.width]
    if (above < 0 || beside < 0)
      return resizeImages(images, [this.height, this.width], { cropToAspectRatio: true })
    return images.slice([0, above >> 1, beside >> 1, 0], [batch, this.height, this.width, channels])
  }

  override transformSegmentationMasks(masks: Tensor): Tensor {
    return this.transformImages(masks)
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, _: undefined, size: ImageSize): BoundingBoxes {
    const isCut = size.height >= this.height && size.width >= this.width
    const { rows, columns, top, left } = isCut
      ? {
          rows: this.height,
          columns: this.width,
          top: (size.height - this.height) >> 1,
          left: (size.width - this.width) >> 1,
        }
      : windowOfRatio(size.height, size.width, this.height, this.width)
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, this, ([x1, y1, x2, y2]) => {
      const across = (x: Tensor): Tensor =>
        x
          .clip({ min: left, max: left + columns })
          .sub(left)
          .mul(this.width / columns)
      const down = (y: Tensor): Tensor =>
        y
          .clip({ min: top, max: top + rows })
          .sub(top)
          .mul(this.height / rows)
      return [across(x1), down(y1), across(x2), down(y2)]
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), height: this.height, width: this.width }
  }
}

/**
 * Cuts the middle out of images, in training and outside of it. Of images that are smaller along an axis the largest window of
 * the new sides' ratio is resized.
 *
 * Input (batch, h, w, channels), output (batch, height, width, channels).
 *
 * @throws ArgumentError for sides that are none.
 * @example
 * layers.centerCrop({ height: 200, width: 200 })
 */
export const centerCrop = (options: CenterCropOptions): CenterCrop => new CenterCrop(options)
