import { boolean, number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface RMSpropOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean squared gradient each step keeps. Default 0.9. */
  readonly rho?: number | undefined
  /** The share of the last step that the next one repeats. Default 0. */
  readonly momentum?: number | undefined
  /** Added to the mean squared gradient, under the root. Default 1e-7. */
  readonly epsilon?: number | undefined
  /** Whether gradients are measured by their variance rather than their mean square. Default false. */
  readonly centered?: boolean | undefined
}

export const rmSpropChecks = optionsOf<RMSpropOptions>()({
  ...optimizerChecks,
  rho: share,
  momentum: number,
  epsilon: number,
  centered: boolean,
})

/** See {@link rmsprop}. */
@takes(rmSpropChecks)
export class RMSprop extends Optimizer {
  readonly className = 'RMSprop'
  readonly rho: number
  readonly momentum: number
  readonly epsilon: number
  readonly centered: boolean

  constructor({
    rho = 0.9,
    momentum = 0,
    epsilon = 1e-7,
    centered = false,
    ...options
  }: RMSpropOptions = {}) {
    super(options, 'rmsprop', 0.001)
    this.rho = rho
    this.momentum = momentum
    this.epsilon = epsilon
    this.centered = centered
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [
      [{ name: 'velocity' }],
      ...(this.momentum > 0 ? [[{ name: 'momentum' }]] : []),
      ...(this.centered ? [[{ name: 'average_gradient' }]] : []),
    ]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    const { rho, momentum, epsilon, centered } = this
    const averaged = (slot: Variable, value: Tensor): Tensor =>
      assign(slot, add(mul(slot.value, rho), mul(value, 1 - rho)))
    return (gradient, weight, slots) => {
      let spread = averaged(slots.velocity as Variable, square(gradient))
      if (centered) spread = sub(spread, square(averaged(slots.average_gradient as Variable, gradient)))
      const step = div(mul(gradient, learningRate), sqrt(add(spread, epsilon)))
      const slot = slots.momentum
      const move = slot === undefined ? step : assign(slot, add(mul(slot.value, momentum), step))
      assign(weight, sub(weight.value, move))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { rho, momentum, epsilon, centered } = this
    return { ...super.getConfig(), rho, momentum, epsilon, centered }
  }
}

/**
 * Steps by the gradient over the root of the mean of its squares
 * (Tieleman and Hinton 2012, http://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf).
 *
 * @example
 * model.compile({ optimizer: optimizers.rmsprop({ rho: 0.95 }), loss: 'mse' })
 */
export const rmsprop = (options: RMSpropOptions = {}): RMSprop => new RMSprop(options)
