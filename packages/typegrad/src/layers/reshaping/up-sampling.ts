import { anything, optionsOf } from '../../base/options.ts'
import { canonicalName } from '../../base/registry.ts'
import { takes } from '../../base/takes.ts'
import { type DataFormat, perDimension } from '../../ops/convolution.ts'
import { repeatAlong, stretchLinearly } from '../../ops/resize.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { remasked } from '../base/masks.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from '../pooling/pooling.ts'

export interface UpSamplingOptions extends LayerOptions {
  /** How many elements each becomes, for all spatial dimensions or each. Default 2. */
  readonly size?: number | readonly number[]
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const upSamplingChecks = optionsOf<UpSamplingOptions>()({
  size: anything,
  dataFormat: anything,
  ...layerChecks,
})

/** How elements between the old ones come about: as the nearest of them, or on lines between them. */
export type Interpolation = 'nearest' | 'bilinear'

const interpolations: Readonly<Record<Interpolation, true>> = { nearest: true, bilinear: true }

/** What layers that repeat elements in place have in common. */
export abstract class UpSampling extends Layer {
  readonly size: readonly number[]
  readonly dataFormat: DataFormat

  constructor(
    where: string,
    spatial: number,
    { size = 2, dataFormat = 'channelsLast', ...options }: UpSamplingOptions = {},
  ) {
    super(options)
    this.size = perDimension(`${where}: size`, size, spatial)
    this.dataFormat = getDataFormat(where, dataFormat)
  }

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.size.length, this.dataFormat)
  }

  /** The spatial axes. */
  protected get axes(): number[] {
    return this.size.map((_, i) => i + (this.dataFormat === 'channelsLast' ? 1 : 2))
  }

  call(x: Tensor): Tensor {
    // With sizes of 1 it is the input itself, whose mask ends here as with any other size.
    return remasked(repeatAlong(x, this.axes, this.size), undefined)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size, dataFormat: this.dataFormat }
  }
}

/** Every step of a sequence repeated; see {@link upSampling1d}. */
@takes(upSamplingChecks)
export class UpSampling1D extends UpSampling {
  readonly className = 'UpSampling1D'
  constructor(options?: UpSamplingOptions) {
    super('UpSampling1D', 1, options)
  }
}

export interface UpSampling2DOptions extends UpSamplingOptions {
  /** How values between pixels are found. Default `'nearest'`. */
  readonly interpolation?: Interpolation
}

export const upSampling2DChecks = optionsOf<UpSampling2DOptions>()({
  interpolation: anything,
  ...upSamplingChecks,
})

/** A larger image; see {@link upSampling2d}. */
@takes(upSampling2DChecks)
export class UpSampling2D extends UpSampling {
  readonly className = 'UpSampling2D'
  readonly interpolation: Interpolation

  constructor({ interpolation = 'nearest', ...options }: UpSampling2DOptions = {}) {
    super('UpSampling2D', 2, options)
    this.interpolation = canonicalName('UpSampling2D: interpolation', interpolation, interpolations)
  }

  override call(x: Tensor): Tensor {
    if (this.interpolation === 'nearest') return super.call(x)
    const stretched = this.axes.reduce((y, axis, i) => stretchLinearly(y, axis, this.size[i] as number), x)
    return remasked(stretched, undefined)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), interpolation: this.interpolation }
  }
}

/** Every element of a volume repeated; see {@link upSampling3d}. */
@takes(upSamplingChecks)
export class UpSampling3D extends UpSampling {
  readonly className = 'UpSampling3D'
  constructor(options?: UpSamplingOptions) {
    super('UpSampling3D', 3, options)
  }
}

/**
 * Repeats every step of a sequence `size` times.
 *
 * Input (batch, steps, channels), output (batch, steps · size, channels).
 *
 * @throws ArgumentError for a size that is none, ShapeError for an input of another rank.
 * @example
 * layers.upSampling1d({ size: 3 })
 */
export const upSampling1d = (options?: UpSamplingOptions): UpSampling1D => new UpSampling1D(options)

/**
 * Makes an image larger: each element `size` times, or with `interpolation: 'bilinear'` on lines between the
 * elements' centres.
 *
 * Input (batch, height, width, channels), output (batch, height · size, width · size, channels); with
 * `dataFormat: 'channelsFirst'` the channels come right after the batch.
 *
 * @throws ArgumentError for a size that is none, ShapeError for an input of another rank.
 * @example
 * layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })
 */
export const upSampling2d = (options?: UpSampling2DOptions): UpSampling2D => new UpSampling2D(options)

/**
 * Repeats every element of a volume `size` times along each spatial dimension.
 *
 * Input (batch, depth, height, width, channels), output (batch, …, channels).
 *
 * @throws ArgumentError for a size that is none, ShapeError for an input of another rank.
 * @example
 * layers.upSampling3d({ size: [1, 2, 2] })
 */
export const upSampling3d = (options?: UpSamplingOptions): UpSampling3D => new UpSampling3D(options)
