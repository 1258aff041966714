import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { rsqrt } from '../../ops/elementwise.ts'
import { sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis or axes along which norms become 1. Default −1. */
  readonly axis?: number | readonly number[]
}

export const unitNormalizationChecks = optionsOf<UnitNormalizationOptions>()({
  axis: anything,
  ...layerChecks,
})

/** Vectors of length 1; see {@link unitNormalization}. */
@takes(unitNormalizationChecks)
export class UnitNormalization extends Layer {
  readonly className = 'UnitNormalization'
  readonly axis: number | readonly number[]

  constructor({ axis = -1, ...options }: UnitNormalizationOptions = {}) {
    super(options)
    this.axis = axis
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const squares = sum(x.square(), this.axis, { keepDims: true })
    // A zero vector stays one.
    return x.mul(rsqrt(squares.maximum(1e-12)))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * Scales vectors to the Euclidean norm 1; zeros stay zeros. The shape stays.
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.unitNormalization()
 */
export const unitNormalization = (options?: UnitNormalizationOptions): UnitNormalization =>
  new UnitNormalization(options)
