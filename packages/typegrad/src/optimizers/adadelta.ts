import { number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface AdadeltaOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. (The paper's is 1.) */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean squares each step keeps. Default 0.95. */
  readonly rho?: number | undefined
  /** Added to the mean squares, under the roots. Default 1e-7. */
  readonly epsilon?: number | undefined
}

export const adadeltaChecks = optionsOf<AdadeltaOptions>()({
  ...optimizerChecks,
  rho: share,
  epsilon: number,
})

/** See {@link adadelta}. */
@takes(adadeltaChecks)
export class Adadelta extends Optimizer {
  readonly className = 'Adadelta'
  readonly rho: number
  readonly epsilon: number

  constructor({ rho = 0.95, epsilon = 1e-7, ...options }: AdadeltaOptions = {}) {
    super(options, 'adadelta', 0.001)
    this.rho = rho
    this.epsilon = epsilon
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'accumulated_grad' }, { name: 'accumulated_delta_var' }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    const { rho, epsilon } = this
    const averaged = (slot: Variable, value: Tensor): Tensor =>
      assign(slot, add(mul(slot.value, rho), mul(value, 1 - rho)))
    const root = (meanSquare: Tensor): Tensor => sqrt(add(meanSquare, epsilon))
    return (gradient, weight, slots) => {
      const moves = slots.accumulated_delta_var as Variable
      const gradients = averaged(slots.accumulated_grad as Variable, square(gradient))
      const move = div(mul(root(moves.value), gradient), root(gradients))
      averaged(moves, square(move))
      assign(weight, sub(weight.value, mul(move, learningRate)))
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon }
  }
}

/**
 * Steps by the gradient times the root mean square of the last moves over that of the last gradients, so that
 * moves have the unit of the weights (Zeiler 2012, https://arxiv.org/abs/1212.5701).
 *
 * @example
 * model.compile({ optimizer: optimizers.adadelta({ learningRate: 1 }), loss: 'mse' })
 */
export const adadelta = (options: AdadeltaOptions = {}): Adadelta => new Adadelta(options)
