import { anything, needed, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { uniform } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { AffineLayer, affineRows } from './affine-layer.ts'
import { movedBoxes } from './bounding-boxes.ts'
import { type Factor, factorRange, type Range } from './factors.ts'
import type { BoundingBoxes, ImageSize } from './image-layer.ts'
import { type SampledOptions, sampledChecks } from './sampled-layer.ts'

export interface RandomZoomOptions extends SampledOptions {
  /** How far out (above 0) or in (below), as a share from above −1 to 1: a number f for −f to f, or two. */
  readonly heightFactor: Factor
  /** The same along the width. Default: as along the height, so that shapes stay. */
  readonly widthFactor?: Factor | null
}

export const randomZoomChecks = optionsOf<RandomZoomOptions>()({
  heightFactor: needed(anything),
  widthFactor: anything,
  ...sampledChecks,
})

interface Zoom {
  /** How many times the height is seen, (batch, 1). */
  readonly heightZoom: Tensor
  /** (batch, 1). */
  readonly widthZoom: Tensor
}

/** The least factor: all of one pixel would be no image any more. */
const bounds: Range = [-1 + 1e-7, 1]

/** Zoomed images; see {@link randomZoom}. */
@takes(randomZoomChecks)
export class RandomZoom extends AffineLayer<Zoom> {
  readonly className = 'RandomZoom'
  readonly heightFactor: Range
  readonly widthFactor: Range | undefined

  constructor({ heightFactor, widthFactor, ...options }: RandomZoomOptions) {
    super('RandomZoom', options)
    this.heightFactor = factorRange('RandomZoom: heightFactor', heightFactor, bounds)
    this.widthFactor =
      widthFactor == null ? undefined : factorRange('RandomZoom: widthFactor', widthFactor, bounds)
  }

  draw({ batch }: ImageSize): Zoom {
    const drawn = ([min, max]: Range, k: number): Tensor =>
      uniform([batch, 1], { min: 1 + min, max: 1 + max, seed: this.seedOf(k) })
    const heightZoom = drawn(this.heightFactor, 0)
    return { heightZoom, widthZoom: this.widthFactor === undefined ? heightZoom : drawn(this.widthFactor, 1) }
  }

  protected matrix({ heightZoom, widthZoom }: Zoom, height: number, width: number): Tensor {
    return affineRows(heightZoom.shape[0] as number, [
      widthZoom,
      0,
      startOf(widthZoom, width),
      0,
      heightZoom,
      startOf(heightZoom, height),
    ])
  }

  override transformBoundingBoxes(
    boxes: BoundingBoxes,
    { heightZoom, widthZoom }: Zoom,
    size: ImageSize,
  ): BoundingBoxes {
    const { batch, height, width } = size
    const [zoomX, zoomY] = [widthZoom.reshape([batch, 1, 1]), heightZoom.reshape([batch, 1, 1])]
    const along = (at: Tensor, zoom: Tensor, side: number): Tensor => at.sub(startOf(zoom, side)).div(zoom)
    return movedBoxes(boxes, this.boundingBoxFormat ?? 'xyxy', size, size, ([x1, y1, x2, y2]) => [
      along(x1, zoomX, width),
      along(y1, zoomY, height),
      along(x2, zoomX, width),
      along(y2, zoomY, height),
    ])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), heightFactor: this.heightFactor, widthFactor: this.widthFactor ?? null }
  }
}

/** Where the seen part begins: (side − 1)/2 · (1 − zoom). */
const startOf = (zoom: Tensor, side: number): Tensor =>
  zoom
    .neg()
    .add(1)
    .mul((side - 1) / 2)

/**
 * Zooms each image about its middle at random while training. The shape stays.
 *
 * @throws ArgumentError for factors outside of −1 (not itself) to 1.
 * @example
 * layers.randomZoom({ heightFactor: [-0.2, 0] }) // up to a fifth nearer
 */
export const randomZoom = (options: RandomZoomOptions): RandomZoom => new RandomZoom(options)
