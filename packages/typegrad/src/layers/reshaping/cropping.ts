import { ShapeError } from '../../base/errors.ts'
import { anything, optionsOf } from '../../base/options.ts'
import { formatShape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import { slice } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from '../pooling/pooling.ts'
import { allEdges, type Edges, type EdgesOption, spatialEdges } from './spatial-edges.ts'

export interface CroppingOptions extends LayerOptions {
  /**
   * Elements to take off: a number for all sides, one for both sides of each dimension, or `[before, after]` of each.
   * Default: one on each side of a sequence or a volume, none of an image, as in Keras.
   */
  readonly cropping?: EdgesOption
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const croppingChecks = optionsOf<CroppingOptions>()({
  cropping: anything,
  dataFormat: anything,
  ...layerChecks,
})

/** What layers that take the rims off sequences, images and volumes have in common. */
export abstract class Cropping extends Layer {
  readonly cropping: readonly Edges[]
  readonly dataFormat: DataFormat

  constructor(
    where: string,
    spatial: number,
    { cropping = spatial === 2 ? 0 : 1, dataFormat = 'channelsLast', ...options }: CroppingOptions = {},
  ) {
    super(options)
    this.cropping = spatialEdges(`${where}: cropping`, cropping, spatial)
    this.dataFormat = getDataFormat(where, dataFormat)
  }

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.cropping.length, this.dataFormat)
  }

  call(x: Tensor): Tensor {
    const edges = allEdges(this.cropping, this.dataFormat)
    const sizes = x.shape.map((length, i) => length - (edges[i]?.[0] ?? 0) - (edges[i]?.[1] ?? 0))
    if (sizes.some((size, i) => size <= 0 && (x.shape[i] as number) > 0)) {
      throw new ShapeError({
        where: this.className,
        expected: `an input with more elements than cropping ${JSON.stringify(this.cropping)} takes off`,
        received: `shape ${formatShape(x.shape)}`,
      })
    }
    return slice(
      x,
      edges.map(([before]) => before),
      sizes,
    )
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.cropping, dataFormat: this.dataFormat }
  }
}

/** The inside of a sequence; see {@link cropping1d}. */
@takes(croppingChecks)
export class Cropping1D extends Cropping {
  readonly className = 'Cropping1D'
  constructor(options?: CroppingOptions) {
    super('Cropping1D', 1, options)
  }
}

/** The inside of an image; see {@link cropping2d}. */
@takes(croppingChecks)
export class Cropping2D extends Cropping {
  readonly className = 'Cropping2D'
  constructor(options?: CroppingOptions) {
    super('Cropping2D', 2, options)
  }
}

/** The inside of a volume; see {@link cropping3d}. */
@takes(croppingChecks)
export class Cropping3D extends Cropping {
  readonly className = 'Cropping3D'
  constructor(options?: CroppingOptions) {
    super('Cropping3D', 3, options)
  }
}

/**
 * Takes elements off the sides of a sequence.
 *
 * Input (batch, steps, channels), output (batch, …, channels).
 *
 * @throws ArgumentError for a cropping that is none, ShapeError for an input of another rank or too small.
 * @example
 * layers.cropping1d({ cropping: [2, 0] })
 */
export const cropping1d = (options?: CroppingOptions): Cropping1D => new Cropping1D(options)

/**
 * Takes elements off the sides of an image.
 *
 * Input (batch, height, width, channels), output (batch, …, channels); with `dataFormat: 'channelsFirst'` the
 * channels come right after the batch.
 *
 * @throws ArgumentError for a cropping that is none, ShapeError for an input of another rank or too small.
 * @example
 * layers.cropping2d({ cropping: [[1, 0], [2, 2]] })
 */
export const cropping2d = (options?: CroppingOptions): Cropping2D => new Cropping2D(options)

/**
 * Takes elements off the sides of a volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, channels); with `dataFormat:
 * 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ArgumentError for a cropping that is none, ShapeError for an input of another rank or too small.
 * @example
 * layers.cropping3d({ cropping: 2 })
 */
export const cropping3d = (options?: CroppingOptions): Cropping3D => new Cropping3D(options)
