import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { DataFormat } from '../../ops/convolution.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type DataFormatIdentifier, getDataFormat } from '../base/data-format.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface FlattenOptions extends LayerOptions {
  /**
   * Default `'channelsLast'`. With `'channelsFirst'` the channels go last before flattening, so that both
   * formats give the same order.
   */
  readonly dataFormat?: DataFormatIdentifier
}

export const flattenChecks = optionsOf<FlattenOptions>()({ dataFormat: anything, ...layerChecks })

/** All dimensions but the batch as one; see {@link flatten}. */
@takes(flattenChecks)
export class Flatten extends Layer {
  readonly className = 'Flatten'
  readonly dataFormat: DataFormat

  constructor({ dataFormat = 'channelsLast', ...options }: FlattenOptions = {}) {
    super(options)
    this.dataFormat = getDataFormat('Flatten', dataFormat)
  }

  call(x: Tensor): Tensor {
    const batch = x.shape[0] ?? 1
    const spatial = x.shape.map((_, i) => i).slice(2)
    const ordered = this.dataFormat === 'channelsFirst' && x.rank > 2 ? x.transpose([0, ...spatial, 1]) : x
    return ordered.reshape([batch, x.shape.slice(1).reduce((size, d) => size * d, 1)])
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat }
  }
}

/**
 * Makes all dimensions but the batch one.
 *
 * Input (batch, …), output (batch, product of the rest). A batch of scalars gains a dimension: (batch, 1).
 *
 * @example
 * sequential([layers.flatten({ inputShape: [28, 28] }), layers.dense({ units: 10 })]) // 784 inputs
 */
export const flatten = (options?: FlattenOptions): Flatten => new Flatten(options)
