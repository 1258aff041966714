import { anything, needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from '../pooling/pooling.ts'
import { type NoiseOptions, noiseChecks, noiseRate, noiseSeed } from './noise.ts'

export interface SpatialDropoutOptions extends LayerOptions, NoiseOptions {
  /** The share of channels to drop, from 0 to 1. */
  readonly rate: number
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const spatialDropoutChecks = optionsOf<SpatialDropoutOptions>()({
  rate: needed(number),
  dataFormat: anything,
  ...layerChecks,
  ...noiseChecks,
})

/** What layers that drop whole channels have in common. */
export abstract class SpatialDropout extends Layer {
  readonly rate: number
  readonly seed: number | undefined
  readonly dataFormat: DataFormat
  readonly #spatial: number

  constructor(
    where: string,
    spatial: number,
    { rate, seed, dataFormat = 'channelsLast', ...options }: SpatialDropoutOptions,
  ) {
    super(options)
    this.rate = noiseRate(where, rate)
    this.seed = noiseSeed(where, seed)
    this.dataFormat = getDataFormat(where, dataFormat)
    this.#spatial = spatial
  }

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.#spatial, this.dataFormat)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    if (!training || this.rate === 0) return x
    const channels = this.dataFormat === 'channelsLast' ? x.rank - 1 : 1
    const shape = x.shape.map((d, i) => (i === 0 || i === channels ? d : 1))
    const probability = 1 - this.rate
    const kept = bernoulli(shape, { probability, seed: this.seed, dtype: x.dtype })
    return x.mul(this.rate === 1 ? kept : kept.mul(1 / probability))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      rate: this.rate,
      dataFormat: this.dataFormat,
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}

/** Drops whole channels of sequences; see {@link spatialDropout1d}. */
@takes(spatialDropoutChecks)
export class SpatialDropout1D extends SpatialDropout {
  readonly className = 'SpatialDropout1D'
  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout1D', 1, options)
  }
}

/** Drops whole channels of images; see {@link spatialDropout2d}. */
@takes(spatialDropoutChecks)
export class SpatialDropout2D extends SpatialDropout {
  readonly className = 'SpatialDropout2D'
  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout2D', 2, options)
  }
}

/** Drops whole channels of volumes; see {@link spatialDropout3d}. */
@takes(spatialDropoutChecks)
export class SpatialDropout3D extends SpatialDropout {
  readonly className = 'SpatialDropout3D'
  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout3D', 3, options)
  }
}

/**
 * Drops whole channels of sequences at random while training and scales the others by 1 / (1 − rate): where
 * neighbouring steps are alike, dropping elements alone would hide little. The shape stays.
 *
 * Tompson et al. 2014, https://arxiv.org/abs/1411.4280
 *
 * @throws ArgumentError for a rate outside of 0 to 1, ShapeError for an input of another rank.
 * @example
 * layers.spatialDropout1d({ rate: 0.2 })
 */
export const spatialDropout1d = (options: SpatialDropoutOptions): SpatialDropout1D =>
  new SpatialDropout1D(options)

/**
 * Drops whole channels of images at random while training and scales the others by 1 / (1 − rate). The shape
 * stays.
 *
 * @throws ArgumentError for a rate outside of 0 to 1, ShapeError for an input of another rank.
 * @example
 * layers.spatialDropout2d({ rate: 0.2 })
 */
export const spatialDropout2d = (options: SpatialDropoutOptions): SpatialDropout2D =>
  new SpatialDropout2D(options)

/**
 * Drops whole channels of volumes at random while training and scales the others by 1 / (1 − rate). The shape
 * stays.
 *
 * @throws ArgumentError for a rate outside of 0 to 1, ShapeError for an input of another rank.
 * @example
 * layers.spatialDropout3d({ rate: 0.2 })
 */
export const spatialDropout3d = (options: SpatialDropoutOptions): SpatialDropout3D =>
  new SpatialDropout3D(options)
