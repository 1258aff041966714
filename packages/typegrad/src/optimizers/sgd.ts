import { ArgumentError } from '../base/errors.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface SGDOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.01. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** The share of the last step that the next one repeats, from 0 to 1. Default 0. */
  readonly momentum?: number | undefined
  /** Whether the momentum looks ahead, as Nesterov's. Default false. */
  readonly nesterov?: boolean | undefined
}

export const sgdChecks = optionsOf<SGDOptions>()({
  ...optimizerChecks,
  momentum: number,
  nesterov: boolean,
})

/** See {@link sgd}. */
@takes(sgdChecks)
export class SGD extends Optimizer {
  readonly className = 'SGD'
  readonly momentum: number
  readonly nesterov: boolean

  constructor({ momentum = 0, nesterov = false, ...options }: SGDOptions = {}) {
    super(options, 'sgd', 0.01)
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new ArgumentError({
        where: 'sgd',
        expected: 'a momentum from 0 to 1',
        received: String(momentum),
      })
    }
    this.momentum = momentum
    this.nesterov = nesterov
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return this.momentum === 0 ? [] : [[{ name: 'momentum' }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    return (gradient, weight, slots) => {
      const step = mul(gradient, learningRate)
      if (this.momentum === 0) {
        assign(weight, sub(weight.value, step))
        return
      }
      const slot = slots.momentum as Variable
      const momentum = assign(slot, sub(mul(slot.value, this.momentum), step))
      const move = this.nesterov ? sub(mul(momentum, this.momentum), step) : momentum
      assign(weight, add(weight.value, move))
    }
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov }
  }
}

/**
 * Stochastic gradient descent: w ← w − rate·g, or with momentum m ← momentum·m − rate·g, w ← w + m
 * (Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html).
 *
 * @throws ArgumentError for a momentum outside of 0 to 1.
 * @example
 * model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse' })
 */
export const sgd = (options: SGDOptions = {}): SGD => new SGD(options)
