import { count, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { dynamicSlice } from '../../../ops/dynamic-slices.ts'
import { resizeImages, windowOfRatio } from '../../../ops/image/resize.ts'
import { integers } from '../../../random/index.ts'
import { scalar, type Tensor } from '../../../tensor/tensor.ts'
import { movedBoxes } from './bounding-boxes.ts'
import {
  type BoundingBoxes,
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
  sizeOfImages,
} from './image-layer.ts'

export interface RandomCropOptions extends RandomImageOptions {
  /** Rows of the new images. */
  readonly height: number
  /** Columns of the new images. */
  readonly width: number
}

export const randomCropChecks = optionsOf<RandomCropOptions>()({
  height: needed(count),
  width: needed(count),
  ...randomImageChecks,
})

/** Where the window begins: int32 scalars, the same for the whole batch. */
interface Crop {
  readonly top: Tensor
  readonly left: Tensor
}

/** A window of images; see {@link randomCrop}. */
@takes(randomCropChecks)
export class RandomCrop extends RandomImageLayer<Crop> {
  readonly className = 'RandomCrop'
  readonly height: number
  readonly width: number

  constructor({ height, width, ...options }: RandomCropOptions) {
    super('RandomCrop', options)
    this.height = height
    this.width = width
  }

  /** Whether there is anything to choose; otherwise the middle is taken, and resized. */
  #chooses({ height, width }: ImageSize): boolean {
    return height > this.height && width > this.width
  }

  draw(size: ImageSize): Crop {
    const { height, width } = size
    if (this.#chooses(size)) {
      return {
        top: integers([], { max: height - this.height + 1, seed: this.seed }),
        left: integers([], { max: width - this.width + 1, seed: this.seedOf(1) }),
      }
    }
    const { top, left } = windowOfRatio(height, width, this.height, this.width)
    return { top: scalar(top, 'int32'), left: scalar(left, 'int32') }
  }

  transformImages(images: Tensor, { top, left }: Crop): Tensor {
    const size = sizeOfImages(images)
    if (!this.#chooses(size)) return this.atRest(images)
    return dynamicSlice(images, [0, top, left, 0], [size.batch, this.height, this.width, size.channels])
  }

  protected override atRest(images: Tensor): Tensor {
    return resizeImages(images, [this.height, this.width], { cropToAspectRatio: true })
  }

  override transformSegmentationMasks(masks: Tensor, crop: Crop): Tensor {
    const size = sizeOfImages(masks)
    return this.#chooses(size)
      ? this.transformImages(masks, crop)
      : resizeImages(masks, [this.height, this.width], { cropToAspectRatio: true, interpolation: 'nearest' })
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, { top, left }: Crop, size: ImageSize): BoundingBoxes {
    const { rows, columns } = this.#chooses(size)
      ? { rows: this.height, columns: this.width }
      : windowOfRatio(size.height, size.width, this.height, this.width)
    const [x0, y0] = [left.cast('float32'), top.cast('float32')]
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, this, ([x1, y1, x2, y2]) => {
      const across = (x: Tensor): Tensor => x.sub(x0).mul(this.width / columns)
      const down = (y: Tensor): Tensor => y.sub(y0).mul(this.height / rows)
      return [across(x1), down(y1), across(x2), down(y2)]
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), height: this.height, width: this.width }
  }
}

/**
 * Cuts a window out of images while training, at random, the same for a whole batch. Outside of training, and of images that are
 * not larger along both axes, the largest window of the new sides' ratio is taken from the middle and resized.
 *
 * Input (batch, h, w, channels), output (batch, height, width, channels).
 *
 * @throws ArgumentError for sides that are none.
 * @example
 * layers.randomCrop({ height: 28, width: 28 })
 */
export const randomCrop = (options: RandomCropOptions): RandomCrop => new RandomCrop(options)
