import { ArgumentError } from '../../../base/errors.ts'
import { anything, notNegative, optionsOf } from '../../../base/options.ts'
import { takes } from '../../../base/takes.ts'
import { where } from '../../../ops/comparison.ts'
import { gather } from '../../../ops/indexing.ts'
import { concat } from '../../../ops/shape.ts'
import { constant, type Tensor } from '../../../tensor/tensor.ts'
import { toRange } from './color-layer.ts'
import { checkedValueRange, type Range } from './factors.ts'
import { ImageLayer, type ImageLayerOptions, imageLayerChecks, sizeOfImages } from './image-layer.ts'
import { shadeCounts } from './shade-counts.ts'

export interface ClaheOptions extends ImageLayerOptions {
  /** The least and the largest value of the images. Default `[0, 255]`. */
  readonly valueRange?: Range
  /** How often a shade may come in a tile, times its share if all came equally often; the rest is spread. 0: no limit. Default 4. */
  readonly clipLimit?: number
  /** Tiles down and across, each with a histogram of its own. Default `[8, 8]`. */
  readonly tileGridSize?: readonly [number, number]
}

export const claheChecks = optionsOf<ClaheOptions>()({
  valueRange: anything,
  clipLimit: notNegative,
  tileGridSize: anything,
  ...imageLayerChecks,
})

/** Shades equalized tile by tile; see {@link contrastLimitedAdaptiveHistogramEqualization}. */
@takes(claheChecks)
export class ContrastLimitedAdaptiveHistogramEqualization extends ImageLayer<undefined> {
  readonly className = 'ContrastLimitedAdaptiveHistogramEqualization'
  readonly valueRange: Range
  readonly clipLimit: number
  readonly tileGridSize: readonly [number, number]

  constructor({
    valueRange = [0, 255],
    clipLimit = 4,
    tileGridSize = [8, 8],
    ...options
  }: ClaheOptions = {}) {
    const where = 'ContrastLimitedAdaptiveHistogramEqualization'
    super(where, options)
    this.valueRange = checkedValueRange(where, valueRange)
    this.clipLimit = clipLimit
    if (
      !Array.isArray(tileGridSize) ||
      tileGridSize.length !== 2 ||
      !tileGridSize.every((n) => Number.isInteger(n) && n > 0)
    ) {
      throw new ArgumentError({
        where: `${where}: tileGridSize`,
        expected: 'two whole numbers from 1 on',
        received: JSON.stringify(tileGridSize) ?? String(tileGridSize),
      })
    }
    this.tileGridSize = tileGridSize
  }

  protected override get isAlwaysActive(): boolean {
    return true
  }

  draw(): undefined {
    return undefined
  }

  transformImages(images: Tensor): Tensor {
    const { batch, height, width, channels } = sizeOfImages(images)
    const [down, across] = this.tileGridSize
    const [rows, columns] = [Math.ceil(height / down), Math.ceil(width / across)]
    const bytes = toRange(images, this.valueRange, [0, 255])
    const edges = [rows * down - height, columns * across - width] as const
    const whole = bytes.pad(
      [
        [0, 0],
        [0, edges[0]],
        [0, edges[1]],
        [0, 0],
      ],
      { mode: 'symmetric' },
    )
    const shades = whole.clip({ min: 0, max: 255 }).cast('int32')
    const tables = this.#tables(
      shades.reshape([batch, down, rows, across, columns, channels]).transpose([0, 1, 3, 5, 2, 4]),
      rows * columns,
    )
    return toRange(
      this.#looked(tables, shades, [rows, columns]).slice([0, 0, 0, 0], [batch, height, width, channels]),
      [0, 255],
      this.valueRange,
    )
  }

  /** What each tile makes of each shade, (batch, down, across, channels, 256), of tiles (…, rows, columns). */
  #tables(tiles: Tensor, pixels: number): Tensor {
    const flat = tiles.reshape([...tiles.shape.slice(0, 4), pixels])
    const counts = shadeCounts(flat, 256)
    const limit = (this.clipLimit * pixels) / 256
    const cut = counts.clip({ min: 0, max: limit })
    const spread = this.clipLimit > 0 ? cut.add(counts.sub(cut).sum(-1, { keepDims: true }).div(256)) : counts
    const upTo = spread.cumsum(-1)
    const least = upTo.min(-1, { keepDims: true })
    const rest = least.neg().add(pixels)
    return upTo
      .sub(least)
      .mul(255)
      .div(where(rest.equal(0), 1, rest))
      .clip({ min: 0, max: 255 })
  }

  /** Each pixel by the tables of the four tiles about it, on lines between their middles. */
  #looked(tables: Tensor, shades: Tensor, [rows, columns]: readonly [number, number]): Tensor {
    const [batch, height, width, channels] = shades.shape as [number, number, number, number]
    const [down, across] = this.tileGridSize
    // A tile beyond each edge, as the one at it.
    const edged = (x: Tensor, axis: number): Tensor => {
      const last = (x.shape[axis] as number) - 1
      return concat([x.stridedSlice(axis, 0, 1), x, x.stridedSlice(axis, last, last + 1)], axis)
    }
    const flat = edged(edged(tables, 1), 2).reshape([-1])
    const strides = {
      column: 256 * channels,
      row: 256 * channels * (across + 2),
      image: 256 * channels * (across + 2) * (down + 2),
    }
    const along = (size: number, side: number, tiles: number) => {
      const at = Array.from({ length: size }, (_, i) => (i - side / 2) / side + 1)
      const below = at.map(Math.floor)
      const within = (t: number): number => Math.min(Math.max(t, 0), tiles + 1)
      return {
        below: below.map(within),
        above: below.map((t) => within(t + 1)),
        share: at.map((a, i) => a - (below[i] as number)),
      }
    }
    const [y, x] = [along(height, rows, down), along(width, columns, across)]
    const spread = (values: readonly number[], axis: number, dtype: 'int32' | 'float32', times = 1): Tensor =>
      constant(
        values.map((v) => v * times),
        [1, 1, 1, 1].map((one, i) => (i === axis ? values.length : one)),
        dtype,
      )
    const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
    const base = shades
      .add(spread(counting(batch), 0, 'int32', strides.image))
      .add(spread(counting(channels), 3, 'int32', 256))
    const value = (tileY: readonly number[], tileX: readonly number[]): Tensor =>
      gather(
        flat,
        base.add(spread(tileY, 1, 'int32', strides.row)).add(spread(tileX, 2, 'int32', strides.column)),
      )
    const [shareX, shareY] = [
      spread(x.share, 2, 'float32').cast(flat.dtype),
      spread(y.share, 1, 'float32').cast(flat.dtype),
    ]
    const between = (a: Tensor, b: Tensor, share: Tensor): Tensor =>
      a.mul(share.neg().add(1)).add(b.mul(share))
    const top = between(value(y.below, x.below), value(y.below, x.above), shareX)
    const bottom = between(value(y.above, x.below), value(y.above, x.above), shareX)
    return between(top, bottom, shareY)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      valueRange: this.valueRange,
      clipLimit: this.clipLimit,
      tileGridSize: this.tileGridSize,
    }
  }
}

/**
 * Spreads the shades of each channel so that they come about equally often, tile by tile and with a limit: CLAHE (Zuiderveld,
 * Contrast Limited Adaptive Histogram Equalization, 1994). Also outside of training; the shape stays.
 *
 * @throws ArgumentError for a grid or a range that is none.
 * @example
 * layers.contrastLimitedAdaptiveHistogramEqualization({ clipLimit: 2 })
 */
export const contrastLimitedAdaptiveHistogramEqualization = (
  options?: ClaheOptions,
): ContrastLimitedAdaptiveHistogramEqualization => new ContrastLimitedAdaptiveHistogramEqualization(options)
