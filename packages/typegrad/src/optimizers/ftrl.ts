import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Step, type UpdateRule } from './rule.ts'

export interface FtrlOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** How the rate falls with the sum of squared gradients: at most 0, where 0 keeps it. Default −0.5. */
  readonly learningRatePower?: number | undefined
  /** What the sums of squares begin with. Default 0.1. */
  readonly initialAccumulatorValue?: number | undefined
  /** Strength of the L1 penalty. Default 0. */
  readonly l1RegularizationStrength?: number | undefined
  /** Strength of the L2 penalty. Default 0. */
  readonly l2RegularizationStrength?: number | undefined
  /** Of an L2 penalty that enters through the gradient alone. Default 0. */
  readonly l2ShrinkageRegularizationStrength?: number | undefined
  /** β of the paper: added to the root of the sum of squares. Default 0. */
  readonly beta?: number | undefined
}

export const ftrlChecks = optionsOf<FtrlOptions>()({
  ...optimizerChecks,
  learningRatePower: number,
  initialAccumulatorValue: number,
  l1RegularizationStrength: number,
  l2RegularizationStrength: number,
  l2ShrinkageRegularizationStrength: number,
  beta: number,
})

/** See {@link ftrl}. */
@takes(ftrlChecks)
export class Ftrl extends Optimizer {
  readonly className = 'Ftrl'
  readonly learningRatePower: number
  readonly initialAccumulatorValue: number
  readonly l1RegularizationStrength: number
  readonly l2RegularizationStrength: number
  readonly l2ShrinkageRegularizationStrength: number
  readonly beta: number

  constructor({
    learningRatePower = -0.5,
    initialAccumulatorValue = 0.1,
    l1RegularizationStrength = 0,
    l2RegularizationStrength = 0,
    l2ShrinkageRegularizationStrength = 0,
    beta = 0,
    ...options
  }: FtrlOptions = {}) {
    super(options, 'ftrl', 0.001)
    const positive = {
      initialAccumulatorValue,
      l1RegularizationStrength,
      l2RegularizationStrength,
      l2ShrinkageRegularizationStrength,
    }
    for (const [option, value] of Object.entries(positive)) {
      if (value < 0) {
        throw new ArgumentError({
          where: 'ftrl',
          expected: `${option} of at least 0`,
          received: String(value),
        })
      }
    }
    if (learningRatePower > 0) {
      throw new ArgumentError({
        where: 'ftrl',
        expected: 'learningRatePower of at most 0',
        received: String(learningRatePower),
      })
    }
    this.learningRatePower = learningRatePower
    this.initialAccumulatorValue = initialAccumulatorValue
    this.l1RegularizationStrength = l1RegularizationStrength
    this.l2RegularizationStrength = l2RegularizationStrength
    this.l2ShrinkageRegularizationStrength = l2ShrinkageRegularizationStrength
    this.beta = beta
  }

  protected override slotGroups(): readonly (readonly Slot[])[] {
    return [[{ name: 'accumulator', initialValue: this.initialAccumulatorValue }, { name: 'linear' }]]
  }

  protected override rule({ learningRate }: Step): UpdateRule {
    const { l1RegularizationStrength: l1, l2ShrinkageRegularizationStrength: shrinkage } = this
    const penalty = add(div(this.beta, learningRate), 2 * this.l2RegularizationStrength)
    return (gradient, weight, slots) => {
      const [n, z] = [slots.accumulator as Variable, slots.linear as Variable]
      const before = weight.value
      const squares = add(n.value, square(gradient))
      const root = this.#powered(squares)
      const slope = shrinkage === 0 ? gradient : add(gradient, mul(before, 2 * shrinkage))
      const sigma = div(sub(root, this.#powered(n.value)), learningRate)
      const linear = assign(z, add(z.value, sub(slope, mul(sigma, before))))
      const beyond = sub(clip(linear, { min: -l1, max: l1 }), linear)
      assign(weight, div(beyond, add(div(root, learningRate), penalty)))
      assign(n, squares)
    }
  }

  #powered(squares: Tensor): Tensor {
    const power = -this.learningRatePower
    return power === 0.5 ? sqrt(squares) : pow(squares, power)
  }

  override getConfig(): Record<string, unknown> {
    const { learningRatePower, initialAccumulatorValue, l1RegularizationStrength, beta } = this
    const { l2RegularizationStrength, l2ShrinkageRegularizationStrength } = this
    return {
      ...super.getConfig(),
      learningRatePower,
      initialAccumulatorValue,
      l1RegularizationStrength,
      l2RegularizationStrength,
      l2ShrinkageRegularizationStrength,
      beta,
    }
  }
}

/**
 * "Follow the regularized leader": for large sparse linear models, whose weights L1 makes exactly 0
 * (McMahan et al. 2013, https://research.google.com/pubs/archive/41159.pdf).
 *
 * @throws ArgumentError for strengths below 0 or a power above 0.
 * @example
 * model.compile({ optimizer: optimizers.ftrl({ learningRate: 0.1, l1RegularizationStrength: 0.01 }), loss: 'mse' })
 */
export const ftrl = (options: FtrlOptions = {}): Ftrl => new Ftrl(options)
