import { takes } from '../base/takes.ts'
import { onesLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Constraint } from './constraint.ts'
import { type NormAxis, type NormOptions, normChecks, withNorm } from './norm.ts'

/** See {@link unitNorm}. */
@takes(normChecks)
export class UnitNorm extends Constraint {
  readonly className = 'UnitNorm'
  readonly axis: NormAxis

  constructor({ axis = 0 }: NormOptions = {}) {
    super()
    this.axis = axis
  }

  override apply(weight: Tensor): Tensor {
    return withNorm(weight, this.axis, onesLike)
  }

  override getConfig(): Record<string, unknown> {
    return { axis: this.axis }
  }
}

/**
 * Scales everything to norm 1.
 *
 * @example
 * constraints.unitNorm({ axis: [0, 1, 2] })
 */
export const unitNorm = (options: NormOptions = {}): UnitNorm => new UnitNorm(options)
