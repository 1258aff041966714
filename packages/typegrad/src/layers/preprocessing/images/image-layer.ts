import { isFloating } from '../../../base/dtype.ts'
import { ArgumentError, ShapeError } from '../../../base/errors.ts'
import { anything, number, optionsOf, orNull } from '../../../base/options.ts'
import { formatShape } from '../../../base/shape.ts'
import { channelsFirst, channelsLast, type DataFormat } from '../../../ops/convolution.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../../base/data-format.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../../base/layer.ts'
import { noiseSeed } from '../../regularization/noise.ts'
import { type BoundingBoxFormat, getBoxFormat } from './bounding-boxes.ts'
import type { BoundingBoxes, ImageSize, LabeledImages } from './labeled-images.ts'

export type { BoundingBoxes, ImageSize, LabeledImages } from './labeled-images.ts'

export interface ImageLayerOptions extends LayerOptions {
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
  /** How the boxes stand that `augment` gets with the images. Default none: it gets none. */
  readonly boundingBoxFormat?: BoundingBoxFormat | null
}

export const imageLayerChecks = optionsOf<ImageLayerOptions>()({
  dataFormat: anything,
  boundingBoxFormat: anything,
  ...layerChecks,
})

export interface RandomImageOptions extends ImageLayerOptions {
  /** Makes the draws independent of those of other layers. Default: each layer draws its own. */
  readonly seed?: number | null
}

export const randomImageChecks = optionsOf<RandomImageOptions>()({
  seed: orNull(number),
  ...imageLayerChecks,
})

/** What all layers of images have in common. `T`: what is drawn for a batch. */
export abstract class ImageLayer<T> extends Layer {
  readonly dataFormat: DataFormat
  readonly boundingBoxFormat: BoundingBoxFormat | undefined

  constructor(
    where: string,
    { dataFormat = 'channelsLast', boundingBoxFormat, ...options }: ImageLayerOptions = {},
  ) {
    super(options)
    this.dataFormat = getDataFormat(where, dataFormat)
    this.boundingBoxFormat = boundingBoxFormat == null ? undefined : getBoxFormat(where, boundingBoxFormat)
  }

  /** Whether the layer does the same in training and outside of it. */
  protected get isAlwaysActive(): boolean {
    return false
  }

  /** Whether integer images stay integers. */
  protected get keepsIntegers(): boolean {
    return false
  }

  /** Draws what is to be done with a batch. */
  abstract draw(size: ImageSize): T

  /** Does it to images (batch, height, width, channels). */
  abstract transformImages(images: Tensor, transformation: T): Tensor

  /** What becomes of masks (batch, height, width, channels). Default: they stay. */
  transformSegmentationMasks(masks: Tensor, _transformation: T): Tensor {
    return masks
  }

  /** What becomes of labels. Default: they stay. */
  transformLabels(labels: Tensor, _transformation: T): Tensor {
    return labels
  }

  /** What becomes of boxes. Default: they stay. @param size that of the images before. */
  transformBoundingBoxes(boxes: BoundingBoxes, _transformation: T, _size: ImageSize): BoundingBoxes {
    return boxes
  }

  /** What the layer does to images outside of training. Default: nothing. */
  protected atRest(images: Tensor): Tensor {
    return images
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    return this.#onBatch(x, (images) =>
      training || this.isAlwaysActive
        ? this.transformImages(images, this.draw(sizeOfImages(images)))
        : this.atRest(images),
    )
  }

  /**
   * Changes images and what belongs to them together, as in training.
   *
   * @throws ArgumentError for boxes without `boundingBoxFormat`, ShapeError for images of another rank.
   * @example
   * const flip = layers.randomFlip({ boundingBoxFormat: 'xyxy' })
   * const { images, boundingBoxes } = flip.augment({ images: x, boundingBoxes: { boxes, labels } })
   */
  augment<D extends LabeledImages>(data: D): D {
    const { images, labels, boundingBoxes, segmentationMasks } = data
    const batch = this.#batchOf(images)
    const size = sizeOfImages(batch)
    const transformation = this.draw(size)
    const onBatch = (x: Tensor, change: (images: Tensor) => Tensor): Tensor => this.#onBatch(x, change, false)
    if (boundingBoxes !== undefined && this.boundingBoxFormat === undefined) {
      throw new ArgumentError({
        where: this.name,
        expected: 'a boundingBoxFormat where there are boxes',
        received: 'none',
        fix: "Say how the boxes stand: boundingBoxFormat: 'xyxy'.",
      })
    }
    return {
      ...data,
      images: this.#onBatch(images, (x) => this.transformImages(x, transformation)),
      ...(labels === undefined ? {} : { labels: this.transformLabels(labels, transformation) }),
      ...(boundingBoxes === undefined
        ? {}
        : { boundingBoxes: this.transformBoundingBoxes(boundingBoxes, transformation, size) }),
      ...(segmentationMasks === undefined
        ? {}
        : {
            segmentationMasks: onBatch(segmentationMasks, (x) =>
              this.transformSegmentationMasks(x, transformation),
            ),
          }),
    }
  }

  /** One image or a batch as a batch with the channels last. */
  #batchOf(x: Tensor): Tensor {
    if (x.rank !== 3 && x.rank !== 4) {
      throw new ShapeError({
        where: this.name,
        expected: 'an image (height, width, channels) or a batch of them',
        received: `shape ${formatShape(x.shape)}`,
      })
    }
    const batch = x.rank === 3 ? x.expandDims(0) : x
    return this.dataFormat === 'channelsFirst' ? channelsLast(batch) : batch
  }

  #onBatch(x: Tensor, change: (images: Tensor) => Tensor, isImage = true): Tensor {
    const batch = this.#batchOf(x)
    // Floats in whatever precision become the layer's; bytes do too where the layer computes with them.
    const keeps = !isImage || (this.keepsIntegers && !isFloating(x.dtype))
    const changed = change(keeps ? batch : batch.cast(this.dtype))
    const back = this.dataFormat === 'channelsFirst' ? channelsFirst(changed) : changed
    return x.rank === 3 ? back.squeeze(0) : back
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      dataFormat: this.dataFormat,
      ...(this.boundingBoxFormat === undefined ? {} : { boundingBoxFormat: this.boundingBoxFormat }),
    }
  }
}

export function sizeOfImages({ shape }: Tensor): ImageSize {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  return { batch, height, width, channels }
}

/** A layer of images that draws at random while training. */
export abstract class RandomImageLayer<T> extends ImageLayer<T> {
  readonly seed: number | undefined

  constructor(where: string, { seed, ...options }: RandomImageOptions = {}) {
    super(where, options)
    this.seed = noiseSeed(where, seed)
  }

  /** The seed of the layer's k-th draw: draws of one seed would be the same. */
  protected seedOf(k: number): number | undefined {
    return this.seed === undefined ? undefined : this.seed + k * 0x0100_0000
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...(this.seed === undefined ? {} : { seed: this.seed }) }
  }
}
