import { number, optionsOf, share } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { greater, logicalAnd, where } from '../ops/comparison.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import { norm } from '../ops/reduce.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, moved, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface LambOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How much of the mean gradient each step keeps. Default 0.9. */
  readonly beta1?: number | undefined
  /** How much of the mean squared gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined
  /** Added to the root of the mean squared gradient. Default 1e-7. */
  readonly epsilon?: number | undefined
}

export const lambChecks = optionsOf<LambOptions>()({
  ...optimizerChecks,
  beta1: share,
  beta2: share,
  epsilon: number,
})

/** See {@link lamb}. */
@takes(lambChecks)
export class Lamb extends Optimizer {
  readonly className = 'Lamb'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, ...options }: LambOptions = {}) {
    super(options, 'lamb', 0.001)
    this.beta1 = beta1
    this.beta2 = beta2
    this.epsilon = epsilon
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'momentum' }, { name: 'velocity' }]]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { beta1, beta2, epsilon } = this
    const gathered = (beta: number): Tensor => sub(1, pow(scalar(beta), number))
    const [first, second] = [gathered(beta1), gathered(beta2)]
    return (gradient, weight, slots) => {
      const [m, v] = [slots.momentum as Variable, slots.velocity as Variable]
      const momentum = div(assign(m, moved(m.value, gradient, 1 - beta1)), first)
      const velocity = div(assign(v, moved(v.value, square(gradient), 1 - beta2)), second)
      const update = div(momentum, add(sqrt(velocity), epsilon))
      const [size, move] = [norm(weight.value), norm(update)]
      const trusted = logicalAnd(greater(size, 0), greater(move, 0))
      const trust = where(trusted, div(size, where(trusted, move, 1)), 1)
      assign(weight, sub(weight.value, mul(update, mul(trust, learningRate))))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this
    return { ...super.getConfig(), beta1, beta2, epsilon }
  }
}

/**
 * Adam whose step is scaled, weight by weight, to the size of the weight: for very large batches
 * (You et al. 2019, https://arxiv.org/abs/1904.00962).
 *
 * @example
 * model.compile({ optimizer: optimizers.lamb({ learningRate: 0.01 }), loss: 'mse' })
 */
export const lamb = (options: LambOptions = {}): Lamb => new Lamb(options)
