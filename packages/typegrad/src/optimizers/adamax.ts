import { number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, mul, pow, sub } from '../ops/arithmetic.ts'
import { abs } from '../ops/elementwise.ts'
import { scalar } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface AdamaxOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean gradient each step keeps. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the largest gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined
  /** Added to the largest gradient. Default 1e-7. */
  readonly epsilon?: number | undefined
}

export const adamaxChecks = optionsOf<AdamaxOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
  epsilon: number,
})

/** See {@link adamax}. */
@takes(adamaxChecks)
export class Adamax extends Optimizer {
  readonly className = 'Adamax'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, ...options }: AdamaxOptions = {}) {
    super(options, 'adamax', 0.001)
    this.beta1 = beta1
    this.beta2 = beta2
    this.epsilon = epsilon
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }, { name: 'norm' }]]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { beta1, beta2, epsilon } = this
    const rate = div(learningRate, sub(1, pow(scalar(beta1), number)))
    return (gradient, weight, slots) => {
      const [m, u] = [slots.momentum as Variable, slots.norm as Variable]
      const momentum = assign(m, moved(m.value, gradient, 1 - beta1))
      const norm = assign(u, maximum(mul(u.value, beta2), abs(gradient)))
      assign(weight, sub(weight.value, div(mul(momentum, rate), add(norm, epsilon))))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this
    return { ...super.getConfig(), beta1, beta2, epsilon }
  }
}

/**
 * Adam with the largest gradient, which fades, in place of the root of the mean square
 * (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980, section 7.1).
 *
 * @example
 * model.compile({ optimizer: optimizers.adamax({ learningRate: 0.002 }), loss: 'mse' })
 */
export const adamax = (options: AdamaxOptions = {}): Adamax => new Adamax(options)
