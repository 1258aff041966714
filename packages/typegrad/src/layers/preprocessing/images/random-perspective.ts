import { anything, finite, optionsOf, share } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import { takes } from '../../../base/takes.ts'
import { maximum, minimum } from '../../../ops/arithmetic.ts'
import { where } from '../../../ops/comparison.ts'
import { homography, perspectiveTransform } from '../../../ops/image/perspective-transform.ts'
import { uniform } from '../../../random/index.ts'
import { constant, type Tensor } from '../../../tensor/tensor.ts'
import { type Four, movedBoxes } from './bounding-boxes.ts'
import { chance } from './chance.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import {
  type BoundingBoxes,
  type ImageSize,
  RandomImageLayer,
  type RandomImageOptions,
  randomImageChecks,
} from './image-layer.ts'

export interface RandomPerspectiveOptions extends RandomImageOptions {
  /** How likely it happens to an image: a number f for 0 to f, or two that the probability is drawn between. Default 1. */
  readonly factor?: Factor
  /** How far corners move, as a share of their coordinates from 0 to 1. Default 1. */
  readonly scale?: number
  /** The nearest pixel, or lines between pixels. Default `'bilinear'`. */
  readonly interpolation?: 'nearest' | 'bilinear'
  /** The value beyond the edges. Default 0. */
  readonly fillValue?: number
}

export const randomPerspectiveChecks = optionsOf<RandomPerspectiveOptions>()({
  factor: anything,
  scale: share,
  interpolation: anything,
  fillValue: finite,
  ...randomImageChecks,
})

interface Perspective {
  /** To which images it happens: booleans (batch). */
  readonly applyPerspective: Tensor
  /** (batch, 4, 2). */
  readonly startPoints: Tensor
  /** (batch, 4, 2). */
  readonly endPoints: Tensor
}

/** Images seen from elsewhere; see {@link randomPerspective}. */
@takes(randomPerspectiveChecks)
export class RandomPerspective extends RandomImageLayer<Perspective> {
  readonly className = 'RandomPerspective'
  readonly factor: Range
  readonly scale: number
  readonly interpolation: 'nearest' | 'bilinear'
  readonly fillValue: number

  constructor({
    factor = 1,
    scale = 1,
    interpolation = 'bilinear',
    fillValue = 0,
    ...options
  }: RandomPerspectiveOptions = {}) {
    super('RandomPerspective', options)
    this.factor = factorRange('RandomPerspective: factor', factor, [0, 1])
    this.scale = scale
    this.interpolation = canonicalName('RandomPerspective: interpolation', interpolation, {
      nearest: true,
      bilinear: true,
    })
    this.fillValue = fillValue
  }

  draw({ batch, height, width }: ImageSize): Perspective {
    const [right, bottom] = [width - 1, height - 1]
    const corners = constant([0, 0, right, 0, 0, bottom, right, bottom], [1, 4, 2], 'float32')
    const startPoints = corners.broadcastTo([batch, 4, 2])
    const moved = uniform([batch, 4, 2], { min: -0.5 * this.scale, max: 0.5 * this.scale, seed: this.seed })
    return {
      applyPerspective: chance(batch, this.factor, [this.seedOf(1), this.seedOf(2)]),
      startPoints,
      endPoints: startPoints.add(startPoints.mul(moved)),
    }
  }

  transformImages(images: Tensor, transformation: Perspective): Tensor {
    return this.#sample(images, transformation, this.interpolation)
  }

  override transformSegmentationMasks(masks: Tensor, transformation: Perspective): Tensor {
    return this.#sample(masks, transformation, 'nearest')
  }

  #sample(
    images: Tensor,
    { applyPerspective, startPoints, endPoints }: Perspective,
    interpolation: 'nearest' | 'bilinear',
  ): Tensor {
    const options = { interpolation, fillValue: this.fillValue }
    const seen = perspectiveTransform(images, startPoints, endPoints, options).cast(images.dtype)
    return where(applyPerspective.reshape([-1, 1, 1, 1]), seen, images)
  }

  override transformBoundingBoxes(
    boxes: BoundingBoxes,
    { applyPerspective, startPoints, endPoints }: Perspective,
    size: ImageSize,
  ): BoundingBoxes {
    // From start to end: the other way than pixels are looked up.
    const map = homography(endPoints, startPoints)
    const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i): Tensor => map.at(i, 1).reshape([-1, 1, 1]),
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    const applies = applyPerspective.reshape([-1, 1, 1])
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, size, (corners): Four => {
      const [x1, y1, x2, y2] = corners
      const moved = [
        [x1, y1],
        [x2, y1],
        [x1, y2],
        [x2, y2],
      ].map(([x, y]) => {
        const along = (p: Tensor, q: Tensor): Tensor => p.mul(x as Tensor).add(q.mul(y as Tensor))
        const depth = along(g, h).add(1)
        return [along(a, b).add(c).div(depth), along(d, e).add(f).div(depth)] as const
      })
      const [xs, ys] = [moved.map(([x]) => x), moved.map(([, y]) => y)]
      const around = [
        xs.reduce((p, q) => minimum(p, q)),
        ys.reduce((p, q) => minimum(p, q)),
        xs.reduce((p, q) => maximum(p, q)),
        ys.reduce((p, q) => maximum(p, q)),
      ]
      return around.map((side, i) => where(applies, side, corners[i] as Tensor)) as unknown as Four
    })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      factor: this.factor,
      scale: this.scale,
      interpolation: this.interpolation,
      fillValue: this.fillValue,
    }
  }
}

/**
 * Moves the corners of each image at random while training, so that it seems seen from elsewhere. Boxes become those around the
 * moved ones. The shape stays.
 *
 * @throws ArgumentError for factors outside of 0 to 1.
 * @example
 * layers.randomPerspective({ factor: 0.5, scale: 0.3 })
 */
export const randomPerspective = (options?: RandomPerspectiveOptions): RandomPerspective =>
  new RandomPerspective(options)
