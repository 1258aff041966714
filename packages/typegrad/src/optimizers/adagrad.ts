import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface AdagradOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** What the sums of squares begin with. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined
  /** Added to the sum of squares, under the root. Default 1e-7. */
  readonly epsilon?: number | undefined
}

export const adagradChecks = optionsOf<AdagradOptions>()({
  ...optimizerChecks,
  initialAccumulatorValue: number,
  epsilon: number,
})

/** See {@link adagrad}. */
@takes(adagradChecks)
export class Adagrad extends Optimizer {
  readonly className = 'Adagrad'
  readonly initialAccumulatorValue: number
  readonly epsilon: number

  constructor({ initialAccumulatorValue = 0.1, epsilon = 1e-7, ...options }: AdagradOptions = {}) {
    super(options, 'adagrad', 0.001)
    this.initialAccumulatorValue = initialAccumulatorValue
    this.epsilon = epsilon
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'accumulator', initialValue: this.initialAccumulatorValue }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    return (gradient, weight, slots) => {
      const slot = slots.accumulator as Variable
      const squares = assign(slot, add(slot.value, square(gradient)))
      const move = div(mul(gradient, learningRate), sqrt(add(squares, this.epsilon)))
      assign(weight, sub(weight.value, move))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { initialAccumulatorValue, epsilon } = this
    return { ...super.getConfig(), initialAccumulatorValue, epsilon }
  }
}

/**
 * Steps by the gradient over the root of the sum of all its squares so far, for rare features
 * (Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html).
 *
 * @example
 * model.compile({ optimizer: optimizers.adagrad({ learningRate: 0.1 }), loss: 'mse' })
 */
export const adagrad = (options: AdagradOptions = {}): Adagrad => new Adagrad(options)
