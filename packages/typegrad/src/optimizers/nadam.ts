import { number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface NadamOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean gradient each step keeps. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the mean squared gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined
  /** Added to the root of the mean squared gradient. Default 1e-7. */
  readonly epsilon?: number | undefined
}

export const nadamChecks = optionsOf<NadamOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
  epsilon: number,
})

/** See {@link nadam}. */
@takes(nadamChecks)
export class Nadam extends Optimizer {
  readonly className = 'Nadam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, ...options }: NadamOptions = {}) {
    super(options, 'nadam', 0.001)
    this.beta1 = beta1
    this.beta2 = beta2
    this.epsilon = epsilon
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }, { name: 'velocity' }]]
  }

  /** Π μᵢ over the steps made. */
  protected override scalarSlots(): readonly Slot[] {
    return [{ name: 'u_product', initialValue: 1 }]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { beta1, beta2, epsilon } = this
    // μₜ = β₁·(1 − ½·0.96ᵗ): the momentum is warmed up.
    const momentumAt = (step: Tensor): Tensor => mul(sub(1, mul(pow(scalar(0.96), step), 0.5)), beta1)
    const [now, next] = [momentumAt(number), momentumAt(add(number, 1))]
    const product = this.scalarSlot('u_product')
    const gathered = assign(product, mul(product.value, now))
    const ahead = div(mul(next, learningRate), sub(1, mul(gathered, next)))
    const current = div(mul(sub(1, now), learningRate), sub(1, gathered))
    const squares = sub(1, pow(scalar(beta2), number))
    return (gradient, weight, slots) => {
      const [m, v] = [slots.momentum as Variable, slots.velocity as Variable]
      const momentum = assign(m, moved(m.value, gradient, 1 - beta1))
      const velocity = assign(v, moved(v.value, square(gradient), 1 - beta2))
      const direction = add(mul(momentum, ahead), mul(gradient, current))
      assign(weight, sub(weight.value, div(direction, add(sqrt(div(velocity, squares)), epsilon))))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this
    return { ...super.getConfig(), beta1, beta2, epsilon }
  }
}

/**
 * Adam whose momentum looks ahead, as Nesterov's
 * (Dozat 2015, http://cs229.stanford.edu/proj2015/054_report.pdf).
 *
 * @example
 * model.compile({ optimizer: optimizers.nadam({ learningRate: 0.002 }), loss: 'mse' })
 */
export const nadam = (options: NadamOptions = {}): Nadam => new Nadam(options)
