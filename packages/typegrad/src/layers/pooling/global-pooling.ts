import { anything, boolean, optionsOf } from '../../base/options.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from './pooling.ts'

export interface GlobalPoolingOptions extends LayerOptions {
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
  /** Whether the spatial dimensions stay, with size 1. Default false. */
  readonly keepdims?: boolean
}

export const globalPoolingChecks = optionsOf<GlobalPoolingOptions>()({
  dataFormat: anything,
  keepdims: boolean,
  ...layerChecks,
})

/** What layers that reduce all spatial dimensions have in common. */
export abstract class GlobalPooling extends Layer {
  readonly dataFormat: DataFormat
  readonly keepdims: boolean
  readonly #spatial: number

  constructor(
    where: string,
    spatial: number,
    { dataFormat = 'channelsLast', keepdims = false, ...options }: GlobalPoolingOptions = {},
  ) {
    super(options)
    this.dataFormat = getDataFormat(where, dataFormat)
    this.keepdims = keepdims
    this.#spatial = spatial
  }

  protected abstract reduce(x: Tensor, axes: readonly number[], keepDims: boolean): Tensor

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.#spatial, this.dataFormat)
  }

  call(x: Tensor): Tensor {
    const first = this.dataFormat === 'channelsLast' ? 1 : 2
    const axes = Array.from({ length: this.#spatial }, (_, i) => first + i)
    return this.reduce(x, axes, this.keepdims)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat, keepdims: this.keepdims }
  }
}
