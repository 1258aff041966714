import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import { pad } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from '../pooling/pooling.ts'
import { allEdges, type Edges, type EdgesOption, spatialEdges } from './spatial-edges.ts'

export interface ZeroPaddingOptions extends LayerOptions {
  /**
   * Zeros to add: a number for all sides, one for both sides of each dimension, or `[before, after]` of each.
   * Default 1.
   */
  readonly padding?: EdgesOption
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const zeroPaddingChecks = optionsOf<ZeroPaddingOptions>()({
  padding: anything,
  dataFormat: anything,
  ...layerChecks,
})

/** What layers that add zeros around sequences, images and volumes have in common. */
export abstract class ZeroPadding extends Layer {
  readonly padding: readonly Edges[]
  readonly dataFormat: DataFormat

  constructor(
    where: string,
    spatial: number,
    { padding = 1, dataFormat = 'channelsLast', ...options }: ZeroPaddingOptions = {},
  ) {
    super(options)
    this.padding = spatialEdges(`${where}: padding`, padding, spatial)
    this.dataFormat = getDataFormat(where, dataFormat)
  }

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.padding.length, this.dataFormat)
  }

  call(x: Tensor): Tensor {
    return pad(x, allEdges(this.padding, this.dataFormat))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.padding, dataFormat: this.dataFormat }
  }
}

/** Zeros around a sequence; see {@link zeroPadding1d}. */
@takes(zeroPaddingChecks)
export class ZeroPadding1D extends ZeroPadding {
  readonly className = 'ZeroPadding1D'
  constructor(options?: ZeroPaddingOptions) {
    super('ZeroPadding1D', 1, options)
  }
}

/** Zeros around an image; see {@link zeroPadding2d}. */
@takes(zeroPaddingChecks)
export class ZeroPadding2D extends ZeroPadding {
  readonly className = 'ZeroPadding2D'
  constructor(options?: ZeroPaddingOptions) {
    super('ZeroPadding2D', 2, options)
  }
}

/** Zeros around a volume; see {@link zeroPadding3d}. */
@takes(zeroPaddingChecks)
export class ZeroPadding3D extends ZeroPadding {
  readonly className = 'ZeroPadding3D'
  constructor(options?: ZeroPaddingOptions) {
    super('ZeroPadding3D', 3, options)
  }
}

/**
 * Adds zeros around a sequence.
 *
 * Input (batch, steps, channels), output (batch, …, channels).
 *
 * @throws ArgumentError for a padding that is none, ShapeError for an input of another rank.
 * @example
 * layers.zeroPadding1d({ padding: [2, 0] })
 */
export const zeroPadding1d = (options?: ZeroPaddingOptions): ZeroPadding1D => new ZeroPadding1D(options)

/**
 * Adds zeros around an image.
 *
 * Input (batch, height, width, channels), output (batch, …, channels); with `dataFormat: 'channelsFirst'` the
 * channels come right after the batch.
 *
 * @throws ArgumentError for a padding that is none, ShapeError for an input of another rank.
 * @example
 * layers.zeroPadding2d({ padding: [[1, 0], [2, 2]] })
 */
export const zeroPadding2d = (options?: ZeroPaddingOptions): ZeroPadding2D => new ZeroPadding2D(options)

/**
 * Adds zeros around a volume.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, channels); with `dataFormat:
 * 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ArgumentError for a padding that is none, ShapeError for an input of another rank.
 * @example
 * layers.zeroPadding3d({ padding: 2 })
 */
export const zeroPadding3d = (options?: ZeroPaddingOptions): ZeroPadding3D => new ZeroPadding3D(options)
