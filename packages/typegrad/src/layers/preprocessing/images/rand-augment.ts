import { anything, count, optionsOf } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { integers } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type Augmentation, augmentations, type Drawn } from './augmentations.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { BoundingBoxes, ImageSize } from './image-layer.ts'

export interface RandAugmentOptions extends ColorOptions {
  /** How many operations are done one after another. Default 2. */
  readonly numOps?: number
  /** How strong they are, from 0 to 1: a number f for 0 to f, or two. Default 0.5. */
  readonly factor?: Factor
  /** How pixels are found that move. Default `'bilinear'`. */
  readonly interpolation?: 'nearest' | 'bilinear'
}

export const randAugmentChecks = optionsOf<RandAugmentOptions>()({
  numOps: count,
  factor: anything,
  interpolation: anything,
  ...colorChecks,
})

/** In Keras's order, by which they are numbered. */
const order = [
  'randomShear',
  'randomTranslation',
  'randomRotation',
  'randomBrightness',
  'randomColorDegeneration',
  'randomContrast',
  'randomSharpness',
  'randomPosterization',
  'solarization',
  'autoContrast',
  'equalization',
] as const

interface Augmented {
  /** What each operation has drawn, by its number. */
  readonly transforms: readonly Drawn[]
  /** Which operation comes first, second, …: int32 [numOps], the same for the whole batch. */
  readonly layerIdxes: Tensor
}

/** Images changed by operations drawn from a set; see {@link randAugment}. */
@takes(randAugmentChecks)
export class RandAugment extends FactorColorLayer<Augmented> {
  readonly className = 'RandAugment'
  readonly numOps: number
  readonly interpolation: 'nearest' | 'bilinear'
  readonly #operations: readonly Augmentation[]

  constructor({ numOps = 2, factor = 0.5, interpolation = 'bilinear', ...options }: RandAugmentOptions = {}) {
    super('RandAugment', factor, [0, 1], options)
    this.numOps = numOps
    this.interpolation = canonicalName('RandAugment: interpolation', interpolation, {
      nearest: true,
      bilinear: true,
    })
    const { valueRange, dtype, boundingBoxFormat } = this
    const all = augmentations({
      factor: this.factor,
      valueRange,
      interpolation: this.interpolation,
      dtype,
      boundingBoxFormat,
      seedOf: (k) => this.seedOf(k),
    })
    this.#operations = order.map((name) => all[name])
  }

  draw(size: ImageSize): Augmented {
    return {
      transforms: this.#operations.map((operation) => operation(size)),
      layerIdxes: integers([this.numOps], { max: order.length, seed: this.seed }),
    }
  }

  /** Operations with transformations that were drawn elsewhere, by their names. */
  drawnFrom(given: Readonly<Record<string, unknown>>, size: ImageSize): readonly Drawn[] {
    return order.map((name, i) => (this.#operations[i] as Augmentation)(size, given[name]))
  }

  /** Does to `x` what was chosen, one after another. `choose` takes one of two by a boolean scalar. */
  #chosen<X>(
    x: X,
    { transforms, layerIdxes }: Augmented,
    change: (drawn: Drawn, x: X) => X,
    choose: (isChosen: Tensor, changed: X, otherwise: X) => X,
  ): X {
    let result = x
    for (let i = 0; i < this.numOps; i++) {
      const chosen = layerIdxes.at(i)
      // Exactly one is chosen, so all of them can start from the same.
      const before = result
      for (const [k, drawn] of transforms.entries())
        result = choose(chosen.equal(k), change(drawn, before), result)
    }
    return result
  }

  transformImages(images: Tensor, augmented: Augmented): Tensor {
    return this.#chosen(images, augmented, (drawn, x) => drawn.images(x), where)
  }

  override transformSegmentationMasks(masks: Tensor, augmented: Augmented): Tensor {
    return this.#chosen(masks, augmented, (drawn, x) => drawn.masks(x), where)
  }

  override transformBoundingBoxes(boxes: BoundingBoxes, augmented: Augmented): BoundingBoxes {
    return this.#chosen(
      boxes,
      augmented,
      (drawn, x) => drawn.boxes(x),
      (isChosen, changed, otherwise) => ({
        boxes: where(isChosen, changed.boxes, otherwise.boxes),
        labels: where(isChosen, changed.labels, otherwise.labels),
      }),
    )
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numOps: this.numOps, interpolation: this.interpolation }
  }
}

/**
 * Changes images by operations drawn from a set of eleven while training, one after another and all of one strength (Cubuk et
 * al. 2019, https://arxiv.org/abs/1909.13719): the same operations for a batch, as strong as each image's own draw says. For
 * images of three channels; the shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1.
 * @example
 * layers.randAugment({ numOps: 2, factor: 0.3 })
 */
export const randAugment = (options?: RandAugmentOptions): RandAugment => new RandAugment(options)
