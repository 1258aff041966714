import { number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { where } from '../../ops/comparison.ts'
import { any } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface MaskingOptions extends LayerOptions {
  /** A step all of whose features are this does not count. Default 0. */
  readonly maskValue?: number
}

export const maskingChecks = optionsOf<MaskingOptions>()({ maskValue: number, ...layerChecks })

/** Leaves steps out; see {@link masking}. */
@takes(maskingChecks)
export class Masking extends Layer {
  readonly className = 'Masking'
  readonly maskValue: number

  constructor({ maskValue = 0, ...options }: MaskingOptions = {}) {
    super(options)
    this.maskValue = maskValue
  }

  call(x: Tensor): Tensor {
    const counted = any(x.notEqual(this.maskValue), -1, { keepDims: true })
    // A product is many times faster than a selection that broadcasts, but ∞ · 0 is no 0.
    if (!Number.isFinite(this.maskValue)) return where(counted, x, 0)
    return x.mul(counted.cast(x.dtype))
  }

  override computeMask(x: Tensor): Tensor {
    return any(x.notEqual(this.maskValue), -1)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maskValue: this.maskValue }
  }
}

/**
 * Marks steps of sequences that are padding: recurrent layers behind carry their states over them, losses and
 * metrics leave them out. What stands in them becomes 0.
 *
 * Input (batch, time, features), output the same shape. A step is left out if all of its features are maskValue.
 *
 * @example
 * sequential([layers.masking({ inputShape: [20, 8] }), layers.lstm({ units: 32 })])
 */
export const masking = (options?: MaskingOptions): Masking => new Masking(options)
