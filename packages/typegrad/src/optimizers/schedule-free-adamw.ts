import { number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, minimum, mul, pow, sub } from '../ops/arithmetic.ts'
import { reciprocal, sqrt, square } from '../ops/elementwise.ts'
import { scalar } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface ScheduleFreeAdamWOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.0025. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** The share of the average in the weights that gradients are taken at. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the mean squared gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined
  /** Added to the root of the mean squared gradient. Default 1e-8. */
  readonly epsilon?: number | undefined
  /** Number of steps over which the learning rate rises from 0. Default 0. */
  readonly warmupSteps?: number | undefined
}

export const scheduleFreeAdamWChecks = optionsOf<ScheduleFreeAdamWOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
  epsilon: number,
  warmupSteps: number,
})

/** See {@link scheduleFreeAdamW}. */
@takes(scheduleFreeAdamWChecks)
export class ScheduleFreeAdamW extends Optimizer {
  readonly className = 'ScheduleFreeAdamW'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly warmupSteps: number

  constructor({
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    warmupSteps = 0,
    ...options
  }: ScheduleFreeAdamWOptions = {}) {
    super(options, 'schedule_free_adamw', 0.0025)
    this.beta1 = beta1
    this.beta2 = beta2
    this.epsilon = epsilon
    this.warmupSteps = warmupSteps
  }

  /** The momentum is z of the paper: where Adam would stand without averaging. */
  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum', initialValue: (weight) => weight.value }, { name: 'velocity' }]]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { beta1, beta2, epsilon, warmupSteps } = this
    const rate = warmupSteps > 0 ? mul(learningRate, minimum(div(number, warmupSteps), 1)) : learningRate
    const gathered = sub(1, pow(scalar(beta2), number))
    const share = reciprocal(number)
    return (gradient, weight, slots) => {
      const [z, v] = [slots.momentum as Variable, slots.velocity as Variable]
      const velocity = assign(v, moved(v.value, square(gradient), 1 - beta2))
      const before = z.value
      // The weight y lies between the average x and z: y = (1 − β₁)·z + β₁·x.
      const average = div(sub(weight.value, mul(before, 1 - beta1)), beta1)
      const denominator = add(sqrt(div(velocity, gathered)), epsilon)
      const moment = assign(z, sub(before, div(mul(gradient, rate), denominator)))
      const next = add(mul(average, sub(1, share)), mul(moment, share))
      assign(weight, add(mul(moment, 1 - beta1), mul(next, beta1)))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon, warmupSteps } = this
    return { ...super.getConfig(), beta1, beta2, epsilon, warmupSteps }
  }
}

/**
 * AdamW that needs no decaying learning rate: it averages its weights instead
 * (Defazio et al. 2024, https://arxiv.org/abs/2405.15682).
 *
 * @example
 * model.compile({ optimizer: optimizers.scheduleFreeAdamW({ warmupSteps: 100 }), loss: 'mse' })
 */
export const scheduleFreeAdamW = (options: ScheduleFreeAdamWOptions = {}): ScheduleFreeAdamW =>
  new ScheduleFreeAdamW(options)
