import { anything, optionsOf } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { bernoulli } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type Four, movedBoxes } from './bounding-boxes.ts'
import {
  type BoundingBoxes,
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
} from './image-layer.ts'

export type FlipMode = 'horizontal' | 'vertical' | 'horizontalAndVertical'

export interface RandomFlipOptions extends RandomImageOptions {
  /** Which way; both ways are together or not at all, as in Keras. Default `'horizontalAndVertical'`. */
  readonly mode?: FlipMode
}

export const randomFlipChecks = optionsOf<RandomFlipOptions>()({ mode: anything, ...randomImageChecks })

const modes: Readonly<Record<FlipMode, readonly [across: boolean, down: boolean]>> = {
  horizontal: [true, false],
  vertical: [false, true],
  horizontalAndVertical: [true, true],
}

interface Flips {
  /** Which images are flipped: booleans (batch, 1, 1, 1). */
  readonly flips: Tensor
}

/** Mirrored images; see {@link randomFlip}. */
@takes(randomFlipChecks)
export class RandomFlip extends RandomImageLayer<Flips> {
  readonly className = 'RandomFlip'
  readonly mode: FlipMode

  constructor({ mode = 'horizontalAndVertical', ...options }: RandomFlipOptions = {}) {
    super('RandomFlip', options)
    this.mode = canonicalName('RandomFlip: mode', mode, modes)
  }

  draw({ batch }: ImageSize): Flips {
    return { flips: bernoulli([batch, 1, 1, 1], { seed: this.seed, dtype: 'bool' }) }
  }

  transformImages(images: Tensor, { flips }: Flips): Tensor {
    const [across, down] = modes[this.mode]
    return where(flips, images.flip([...(down ? [1] : []), ...(across ? [2] : [])]), images)
  }

  override transformSegmentationMasks(masks: Tensor, flips: Flips): Tensor {
    return this.transformImages(masks, flips)
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, { flips }: Flips, size: ImageSize): BoundingBoxes {
    const [across, down] = modes[this.mode]
    const { height, width, batch } = size
    const isFlipped = flips.reshape([batch, 1, 1])
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, size, ([x1, y1, x2, y2]): Four => {
      const mirrored = (to: Tensor, from: Tensor, side: number, does: boolean): Tensor =>
        does ? where(isFlipped, from.neg().add(side), to) : to
      return [
        mirrored(x1, x2, width, across),
        mirrored(y1, y2, height, down),
        mirrored(x2, x1, width, across),
        mirrored(y2, y1, height, down),
      ]
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), mode: this.mode }
  }
}

/**
 * Mirrors each image or not while training, as likely. The shape stays.
 *
 * @throws UnknownNameError for another mode.
 * @example
 * layers.randomFlip({ mode: 'horizontal' })
 */
export const randomFlip = (options?: RandomFlipOptions): RandomFlip => new RandomFlip(options)
