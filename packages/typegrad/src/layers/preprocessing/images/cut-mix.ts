import { ArgumentError } from '../../../base/errors.ts'
import { anything, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { gather } from '../../../ops/indexing.ts'
import { beta, permutation, uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import {
  type BoundingBoxes,
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
} from './image-layer.ts'
import { mixed } from './mix-up.ts'
import { boxMask, drawBox } from './random-box.ts'

export interface CutMixOptions extends RandomImageOptions {
  /** The parameter of the beta distribution of the share that stays, from 0 to 1: a number f for 0 to f, or two. Default 1. */
  readonly factor?: Factor
}

export const cutMixChecks = optionsOf<CutMixOptions>()({ factor: anything, ...randomImageChecks })

interface Cutting {
  /** From which image each gets its rectangle, (batch). */
  readonly permutationOrder: Tensor
  /** Which pixels: booleans (batch, height, width, 1). */
  readonly batchMasks: Tensor
  /** The share of each image's own, (batch). */
  readonly mixWeight: Tensor
}

/** Images with a rectangle of others; see {@link cutMix}. */
@takes(cutMixChecks)
export class CutMix extends RandomImageLayer<Cutting> {
  readonly className = 'CutMix'
  readonly factor: Range

  constructor({ factor = 1, ...options }: CutMixOptions = {}) {
    super('CutMix', options)
    this.factor = factorRange('CutMix: factor', factor, [0, 1])
  }

  draw(size: ImageSize): Cutting {
    const { batch, height, width } = size
    const [min, max] = this.factor
    const alpha = uniform([], { min, max, seed: this.seed }).add(1e-6)
    const kept = beta([batch], { alpha, beta: alpha, seed: this.seedOf(1) })
    const side = kept.neg().add(1).sqrt()
    const box = drawBox(size, [side, side], [this.seedOf(2), this.seedOf(3)])
    const area = box.x1.sub(box.x0).mul(box.y1.sub(box.y0))
    const order = this.seedOf(4)
    return {
      permutationOrder: permutation(batch, order === undefined ? {} : { seed: order }),
      batchMasks: boxMask(box, size),
      mixWeight: area.div(-width * height).add(1),
    }
  }

  transformImages(images: Tensor, { batchMasks, permutationOrder }: Cutting): Tensor {
    return where(batchMasks, gather(images, permutationOrder), images)
  }

  override transformSegmentationMasks(masks: Tensor, cutting: Cutting): Tensor {
    return this.transformImages(masks, cutting)
  }

  override transformLabels(labels: Tensor, cutting: Cutting): Tensor {
    return mixed(labels, cutting)
  }

  /** @throws ArgumentError: what becomes of boxes that are partly covered nobody can say. */
  override transformBoundingBoxes(_boxes: BoundingBoxes): BoundingBoxes {
    throw new ArgumentError({
      where: this.name,
      expected: 'images, labels and masks',
      received: 'boxes, which would be partly covered',
      fix: 'Use mixUp, which keeps the boxes of both.',
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor }
  }
}

/**
 * Puts a rectangle of another image of the batch onto each image while training (Yun et al. 2019,
 * https://arxiv.org/abs/1905.04899). Labels mix by the areas: use `augment`. The shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1, and for boxes.
 * @example
 * const cut = layers.cutMix()
 * const { images, labels } = cut.augment({ images: x, labels: oneHotLabels })
 */
export const cutMix = (options?: CutMixOptions): CutMix => new CutMix(options)
