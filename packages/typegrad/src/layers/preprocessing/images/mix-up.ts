import { optionsOf, positive } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { gather } from '../../../ops/indexing.ts'
import { concat } from '../../../ops/shape.ts'
import { beta, permutation } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import {
  type BoundingBoxes,
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
} from './image-layer.ts'

export interface MixUpOptions extends RandomImageOptions {
  /** How much images mix: the parameter of the beta distribution. Default 0.2: mostly little. */
  readonly alpha?: number
}

export const mixUpChecks = optionsOf<MixUpOptions>()({ alpha: positive, ...randomImageChecks })

interface Mixing {
  /** The share of each image's own, (batch). */
  readonly mixWeight: Tensor
  /** With which image each is mixed, (batch). */
  readonly permutationOrder: Tensor
}

/** Images mixed with others; see {@link mixUp}. */
@takes(mixUpChecks)
export class MixUp extends RandomImageLayer<Mixing> {
  readonly className = 'MixUp'
  readonly alpha: number

  constructor({ alpha = 0.2, ...options }: MixUpOptions = {}) {
    super('MixUp', options)
    this.alpha = alpha
  }

  draw({ batch }: ImageSize): Mixing {
    const { alpha, seed } = this
    const order = this.seedOf(1)
    return {
      mixWeight: beta([batch], { alpha, beta: alpha, seed }),
      permutationOrder: permutation(batch, order === undefined ? {} : { seed: order }),
    }
  }

  transformImages(images: Tensor, mixing: Mixing): Tensor {
    return mixed(images, mixing)
  }

  override transformSegmentationMasks(masks: Tensor, mixing: Mixing): Tensor {
    return mixed(masks.cast('float32'), mixing)
  }

  override transformLabels(labels: Tensor, mixing: Mixing): Tensor {
    return mixed(labels, mixing)
  }

  override transformBoundingBoxes(
    { boxes, labels }: BoundingBoxes,
    { permutationOrder }: Mixing,
  ): BoundingBoxes {
    return {
      boxes: concat([boxes, gather(boxes, permutationOrder)], 1),
      labels: concat([labels, gather(labels, permutationOrder)], 1),
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha }
  }
}

/** λ·x + (1 − λ)·x', x' the samples that each is mixed with. */
export function mixed(x: Tensor, { mixWeight, permutationOrder }: Mixing): Tensor {
  const share = mixWeight.cast(x.dtype).reshape([-1, ...x.shape.slice(1).map(() => 1)])
  return share.mul(x).add(share.neg().add(1).mul(gather(x, permutationOrder)))
}

/**
 * Mixes each image of a batch with another one while training, by a weight from the beta distribution (Zhang et al. 2017,
 * https://arxiv.org/abs/1710.09412). Labels mix as their images do: use `augment`. Boxes are those of both.
 *
 * @throws ArgumentError for an α that is not above 0.
 * @example
 * const mix = layers.mixUp({ alpha: 0.4 })
 * const { images, labels } = mix.augment({ images: x, labels: oneHotLabels })
 */
export const mixUp = (options?: MixUpOptions): MixUp => new MixUp(options)
