import type { DType } from '../../../base/dtype.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { AutoContrast } from './auto-contrast.ts'
import type { BoundingBoxFormat } from './bounding-boxes.ts'
import { Equalization } from './equalization.ts'
import type { Range } from './factors.ts'
import type { BoundingBoxes, ImageLayer, ImageSize } from './image-layer.ts'
import { RandomBrightness } from './random-brightness.ts'
import { RandomColorDegeneration } from './random-color-degeneration.ts'
import { RandomContrast } from './random-contrast.ts'
import { RandomPosterization } from './random-posterization.ts'
import { RandomRotation } from './random-rotation.ts'
import { RandomSharpness } from './random-sharpness.ts'
import { RandomShear } from './random-shear.ts'
import { RandomTranslation } from './random-translation.ts'
import { Solarization } from './solarization.ts'

/** What a layer has drawn, ready to be done to images, masks and boxes alike. */
export interface Drawn {
  readonly images: (images: Tensor) => Tensor
  readonly masks: (masks: Tensor) => Tensor
  readonly boxes: (boxes: BoundingBoxes) => BoundingBoxes
}

/** A layer's draw, whatever it draws. `given` is a transformation that was drawn elsewhere. */
export type Augmentation = (size: ImageSize, given?: unknown) => Drawn

const augmentation =
  <T>(layer: ImageLayer<T>): Augmentation =>
  (size, given) => {
    const transformation = given === undefined ? layer.draw(size) : (given as T)
    return {
      images: (x) => layer.transformImages(x, transformation),
      masks: (x) => layer.transformSegmentationMasks(x, transformation),
      boxes: (boxes) => layer.transformBoundingBoxes(boxes, transformation, size),
    }
  }

export interface AugmentationOptions {
  readonly factor: Range
  readonly valueRange: Range
  readonly interpolation: 'nearest' | 'bilinear'
  readonly dtype: DType
  readonly boundingBoxFormat: BoundingBoxFormat | undefined
  readonly seedOf: (k: number) => number | undefined
}

/** The operations of RandAugment and AugMix, all of one strength, by Keras's names. */
export function augmentations({
  factor,
  valueRange,
  interpolation,
  dtype,
  boundingBoxFormat,
  seedOf,
}: AugmentationOptions) {
  const common = (k: number) => {
    const seed = seedOf(8 * (k + 1))
    return {
      dtype,
      ...(seed === undefined ? {} : { seed }),
      ...(boundingBoxFormat === undefined ? {} : { boundingBoxFormat }),
    }
  }
  const color = (k: number) => ({ ...common(k), factor, valueRange })
  const moved = (k: number) => ({ ...common(k), interpolation })
  return {
    randomShear: augmentation(new RandomShear({ ...moved(0), xFactor: factor, yFactor: factor })),
    randomTranslation: augmentation(
      new RandomTranslation({ ...moved(1), heightFactor: factor, widthFactor: factor }),
    ),
    randomRotation: augmentation(new RandomRotation({ ...moved(2), factor })),
    randomBrightness: augmentation(new RandomBrightness(color(3))),
    randomColorDegeneration: augmentation(new RandomColorDegeneration(color(4))),
    randomContrast: augmentation(new RandomContrast(color(5))),
    randomSharpness: augmentation(new RandomSharpness(color(6))),
    randomPosterization: augmentation(
      new RandomPosterization({ ...color(7), factor: Math.max(1, Math.trunc(8 * factor[1])) }),
    ),
    solarization: augmentation(
      new Solarization({ ...common(8), valueRange, additionFactor: factor, thresholdFactor: factor }),
    ),
    autoContrast: augmentation(new AutoContrast({ dtype, valueRange })),
    equalization: augmentation(new Equalization({ dtype, valueRange })),
  }
}

export type AugmentationName = keyof ReturnType<typeof augmentations>
