import { ArgumentError } from '../../../base/errors.ts'
import { anything, boolean, count, finite, needed, optionsOf } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { type ResizeInterpolation, resizeImages } from '../../../ops/image/resize.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type Four, movedBoxes } from './bounding-boxes.ts'
import {
  type BoundingBoxes,
  ImageLayer,
  type ImageLayerOptions,
  type ImageSize,
  imageLayerChecks,
} from './image-layer.ts'

export interface ResizingOptions extends ImageLayerOptions {
  /** Rows of the new images. */
  readonly height: number
  /** Columns of the new images. */
  readonly width: number
  /** How values between pixels are found; masks are always of the nearest. Default `'bilinear'`. */
  readonly interpolation?: ResizeInterpolation
  /** Whether the largest window of the new sides' ratio is cut from the middle first. Default false. */
  readonly cropToAspectRatio?: boolean
  /** Whether edges are added first to come to the new sides' ratio. Default false. */
  readonly padToAspectRatio?: boolean
  /** The value of added edges. Default 0. */
  readonly fillValue?: number
  /** Whether smaller images average over what they leave out. Default false. */
  readonly antialias?: boolean
}

export const resizingChecks = optionsOf<ResizingOptions>()({
  height: needed(count),
  width: needed(count),
  interpolation: anything,
  cropToAspectRatio: boolean,
  padToAspectRatio: boolean,
  fillValue: finite,
  antialias: boolean,
  ...imageLayerChecks,
})

const interpolations: Readonly<Record<ResizeInterpolation, true>> = {
  nearest: true,
  bilinear: true,
  bicubic: true,
  lanczos3: true,
  lanczos5: true,
}

/** Images of another size; see {@link resizing}. */
@takes(resizingChecks)
export class Resizing extends ImageLayer<undefined> {
  readonly className = 'Resizing'
  readonly height: number
  readonly width: number
  readonly interpolation: ResizeInterpolation
  readonly cropToAspectRatio: boolean
  readonly padToAspectRatio: boolean
  readonly fillValue: number
  readonly antialias: boolean

  constructor({
    height,
    width,
    interpolation = 'bilinear',
    cropToAspectRatio = false,
    padToAspectRatio = false,
    fillValue = 0,
    antialias = false,
    ...options
  }: ResizingOptions) {
    super('Resizing', options)
    if (cropToAspectRatio && padToAspectRatio) {
      throw new ArgumentError({
        where: 'Resizing',
        expected: 'one of cropToAspectRatio and padToAspectRatio',
        received: 'both',
      })
    }
    this.height = height
    this.width = width
    this.interpolation = canonicalName('Resizing: interpolation', interpolation, interpolations)
    this.cropToAspectRatio = cropToAspectRatio
    this.padToAspectRatio = padToAspectRatio
    this.fillValue = fillValue
    this.antialias = antialias
  }

  protected override get isAlwaysActive(): boolean {
    return true
  }

  protected override get keepsIntegers(): boolean {
    return true
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    return this.#resized(images, this.interpolation)
  }

  override transformSegmentationMasks(masks: Tensor): Tensor {
    return this.#resized(masks, 'nearest')
  }

  #resized(images: Tensor, interpolation: ResizeInterpolation): Tensor {
    const { antialias, cropToAspectRatio, padToAspectRatio, fillValue } = this
    const options = { interpolation, antialias, cropToAspectRatio, padToAspectRatio, fillValue }
    return resizeImages(images, [this.height, this.width], options)
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, _: undefined, size: ImageSize): BoundingBoxes {
    const [scaleX, scaleY, left, top] = this.#placement(size)
    const moved = movedBoxes(
      boxes,
      this.boundingBoxFormat ?? 'xyxy',
      size,
      this,
      ([x1, y1, x2, y2]): Four => [
        x1.mul(scaleX).add(left),
        y1.mul(scaleY).add(top),
        x2.mul(scaleX).add(left),
        y2.mul(scaleY).add(top),
      ],
    )
    // Boxes that only fill up, of zeros or of −1, become zeros.
    const isFilling = boxes.boxes
      .equal(-1)
      .all(-1, { keepDims: true })
      .logicalOr(boxes.boxes.equal(0).all(-1, { keepDims: true }))
    return { ...moved, boxes: where(isFilling, 0, moved.boxes) }
  }

  /** By how much coordinates grow, and where the image begins in the new one. */
  #placement({
    height,
    width,
  }: ImageSize): readonly [scaleX: number, scaleY: number, left: number, top: number] {
    const [byHeight, byWidth] = [this.height / height, this.width / width]
    if (this.padToAspectRatio) {
      const scale = Math.min(byHeight, byWidth)
      return [
        scale,
        scale,
        Math.floor((this.width - width * scale) / 2),
        Math.floor((this.height - height * scale) / 2),
      ]
    }
    if (!this.cropToAspectRatio) return [byWidth, byHeight, 0, 0]
    const scale = Math.max(byHeight, byWidth)
    return [
      scale,
      scale,
      -Math.floor((width * scale - this.width) / 2),
      -Math.floor((height * scale - this.height) / 2),
    ]
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      height: this.height,
      width: this.width,
      interpolation: this.interpolation,
      cropToAspectRatio: this.cropToAspectRatio,
      padToAspectRatio: this.padToAspectRatio,
      fillValue: this.fillValue,
      antialias: this.antialias,
    }
  }
}

/**
 * Brings images to one size, in training and outside of it. Integer images are rounded and stay integers.
 *
 * Input (batch, h, w, channels), output (batch, height, width, channels).
 *
 * @throws ArgumentError for sides that are none, UnknownNameError for another interpolation.
 * @example
 * layers.resizing({ height: 224, width: 224, cropToAspectRatio: true })
 */
export const resizing = (options: ResizingOptions): Resizing => new Resizing(options)
