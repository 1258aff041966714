import { anything, needed, optionsOf } from '../../base/options.ts'
import type { AdaptivePoolOptions } from '../../ops/adaptive-pooling.ts'
import { type DataFormat, perDimension } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { checkSpatialRank } from './pooling.ts'

export interface AdaptivePoolingOptions extends LayerOptions {
  /** Number of windows, for all spatial dimensions or each. */
  readonly outputSize: number | readonly number[]
  /** Whether channels stand last or first. Default `'channelsLast'`. */
  readonly dataFormat?: DataFormatIdentifier
}

export const adaptivePoolingChecks = optionsOf<AdaptivePoolingOptions>()({
  outputSize: needed(anything),
  dataFormat: anything,
  ...layerChecks,
})

/** What layers that reduce an input of any size to one of a given size have in common. */
export abstract class AdaptivePooling extends Layer {
  readonly outputSize: readonly number[]
  readonly dataFormat: DataFormat

  constructor(
    where: string,
    spatial: number,
    { outputSize, dataFormat = 'channelsLast', ...options }: AdaptivePoolingOptions,
  ) {
    super(options)
    this.outputSize = perDimension(`${where}: outputSize`, outputSize, spatial)
    this.dataFormat = getDataFormat(where, dataFormat)
  }

  protected abstract pool(x: Tensor, options: AdaptivePoolOptions): Tensor

  override build(inputShape: SymbolicShape): void {
    checkSpatialRank(this, inputShape, this.outputSize.length, this.dataFormat)
  }

  call(x: Tensor): Tensor {
    const { outputSize, dataFormat } = this
    return this.pool(x, { outputSize, dataFormat })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), outputSize: this.outputSize, dataFormat: this.dataFormat }
  }
}
