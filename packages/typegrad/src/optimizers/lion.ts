import { ArgumentError } from '../base/errors.ts'
import { optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { mul, sub } from '../ops/arithmetic.ts'
import { sign } from '../ops/elementwise.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface LionOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. A third to a tenth of what suits Adam. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** The momentum's share in the direction of a step, above 0 and at most 1. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the momentum each step keeps. Default 0.99. */
  readonly beta2?: number | undefined
}

export const lionChecks = optionsOf<LionOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
})

/** See {@link lion}. */
@takes(lionChecks)
export class Lion extends Optimizer {
  readonly className = 'Lion'
  readonly beta1: number
  readonly beta2: number

  constructor({ beta1 = 0.9, beta2 = 0.99, ...options }: LionOptions = {}) {
    super(options, 'lion', 0.001)
    if (!(beta1 > 0 && beta1 <= 1)) {
      throw new ArgumentError({
        where: 'lion',
        expected: 'a beta1 above 0 and at most 1 (with 0 nothing but the sign of the gradient is left)',
        received: String(beta1),
      })
    }
    this.beta1 = beta1
    this.beta2 = beta2
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    const { beta1, beta2 } = this
    return (gradient, weight, slots) => {
      const m = slots.momentum as Variable
      const before = m.value
      const direction = sign(moved(before, gradient, 1 - beta1))
      assign(m, moved(before, gradient, 1 - beta2))
      assign(weight, sub(weight.value, mul(direction, learningRate)))
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2 }
  }
}

/**
 * Steps of one size by the sign of a momentum; it keeps half of Adam's state
 * (Chen et al. 2023, https://arxiv.org/abs/2302.06675).
 *
 * @throws ArgumentError for a beta1 of 0 or above 1.
 * @example
 * model.compile({ optimizer: optimizers.lion({ learningRate: 1e-4, weightDecay: 0.1 }), loss: 'mse' })
 */
export const lion = (options: LionOptions = {}): Lion => new Lion(options)
