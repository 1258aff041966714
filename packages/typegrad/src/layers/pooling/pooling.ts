import { anything, optionsOf } from '../../base/options.ts'
import { type DataFormat, type Padding, perDimension } from '../../ops/convolution.ts'
import type { PoolOptions } from '../../ops/pooling.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat, getPadding } from '../base/data-format.ts'
import { checkRank, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'

export interface PoolingOptions extends LayerOptions {
  /** Size of the window, for all spatial dimensions or each. Default 2. */
  readonly poolSize?: number | readonly number[]
  /** Steps between windows. Default the window's size. */
  readonly strides?: number | readonly number[] | null
  /** `'valid'`: only whole windows; `'same'`: ⌈length / stride⌉ windows. Default `'valid'`. */
  readonly padding?: Padding
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const poolingChecks = optionsOf<PoolingOptions>()({
  poolSize: anything,
  strides: anything,
  padding: anything,
  dataFormat: anything,
  ...layerChecks,
})

/** What layers that reduce windows have in common. */
export abstract class Pooling extends Layer {
  readonly poolSize: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
  readonly dataFormat: DataFormat

  constructor(
    where: string,
    spatial: number,
    {
      poolSize = 2,
      strides,
      padding = 'valid',
      dataFormat = 'channelsLast',
      ...options
    }: PoolingOptions = {},
  ) {
    super(options)
    this.poolSize = perDimension(`${where}: poolSize`, poolSize, spatial)
    this.strides = perDimension(`${where}: strides`, strides ?? this.poolSize, spatial)
    this.padding = getPadding(where, padding)
    this.dataFormat = getDataFormat(where, dataFormat)
  }

  protected abstract pool(x: TensorLike, options: PoolOptions): Tensor

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.poolSize.length, this.dataFormat)
  }

  call(x: Tensor): Tensor {
    const { poolSize, strides, padding, dataFormat } = this
    return this.pool(x, { poolSize, strides, padding, dataFormat })
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      poolSize: this.poolSize,
      strides: this.strides,
      padding: this.padding,
      dataFormat: this.dataFormat,
    }
  }
}

/** @throws ShapeError unless the shape is a batch, `spatial` dimensions and channels. */
export function checkSpatialRank(
  layer: Layer,
  inputShape: SymbolicShape,
  spatial: number,
  dataFormat: DataFormat,
): void {
  const meaning =
    dataFormat === 'channelsLast' ? '(batch, …spatial, channels)' : '(batch, channels, …spatial)'
  checkRank(layer, inputShape, spatial + 2, meaning)
}
