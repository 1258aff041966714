import { boolean, number, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, minimum, mul, pow, sub } from '../ops/arithmetic.ts'
import { rsqrt, sqrt, square } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import { expandDims } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'
import { Optimizer, type OptimizerOptions, optimizerChecks } from './optimizer.ts'
import { assign, type Slot, type Slots, type Step, type UpdateRule } from './rule.ts'

export interface AdafactorOptions extends OptimizerOptions {
  /** How far a step goes: a number, or a schedule. Default 0.001. */
  readonly learningRate?: OptimizerOptions['learningRate']
  /** The mean squares of step t keep the share 1 − t^beta2Decay. Default −0.8. */
  readonly beta2Decay?: number | undefined
  /** Added to the squared gradient. Default 1e-30. */
  readonly epsilon1?: number | undefined
  /** The least root mean square of a weight that steps are scaled by. Default 1e-3. */
  readonly epsilon2?: number | undefined
  /** The root mean square that an update is cut to. Default 1. */
  readonly clipThreshold?: number | undefined
  /** Whether the learning rate is at most 1 / √t. Default true. */
  readonly relativeStep?: boolean | undefined
}

export const adafactorChecks = optionsOf<AdafactorOptions>()({
  ...optimizerChecks,
  beta2Decay: number,
  epsilon1: number,
  epsilon2: number,
  clipThreshold: number,
  relativeStep: boolean,
})

/** See {@link adafactor}. */
@takes(adafactorChecks)
export class Adafactor extends Optimizer {
  readonly className = 'Adafactor'
  readonly beta2Decay: number
  readonly epsilon1: number
  readonly epsilon2: number
  readonly clipThreshold: number
  readonly relativeStep: boolean

  constructor({
    beta2Decay = -0.8,
    epsilon1 = 1e-30,
    epsilon2 = 1e-3,
    clipThreshold = 1,
    relativeStep = true,
    ...options
  }: AdafactorOptions = {}) {
    super(options, 'adafactor', 0.001)
    this.beta2Decay = beta2Decay
    this.epsilon1 = epsilon1
    this.epsilon2 = epsilon2
    this.clipThreshold = clipThreshold
    this.relativeStep = relativeStep
  }

  /**
   * Keras's files have a place for the product of rows and columns too, which follows from them, and for a row
   * and a column of vectors, which have none: scalars that stay 0.
   */
  protected override slotGroups(): readonly (readonly Slot[])[] {
    const rows = (shape: Shape): Shape => (shape.length < 2 ? [] : shape.slice(0, -1))
    const columns = (shape: Shape): Shape => (shape.length < 2 ? [] : shape.toSpliced(-2, 1))
    return [[{ name: 'row', shape: rows }, { name: 'column', shape: columns }, { name: 'velocity' }]]
  }

  protected override rule({ learningRate, number }: Step): UpdateRule {
    const { epsilon1, epsilon2, clipThreshold } = this
    // With or without `relativeStep` Keras takes the smaller of the two here.
    const rate = minimum(learningRate, rsqrt(number))
    const share = pow(number, this.beta2Decay)
    return (gradient, weight, slots) => {
      const squares = add(square(gradient), epsilon1)
      const update = mul(gradient, rsqrt(meanSquares(squares, share, weight, slots)))
      const cut = maximum(div(rootMeanSquare(update), clipThreshold), 1)
      const size = mul(maximum(rootMeanSquare(weight.value), epsilon2), rate)
      assign(weight, sub(weight.value, mul(update, div(size, cut))))
    }
  }

  override getConfig(): Record<string, unknown> {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this
    return { ...super.getConfig(), beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep }
  }
}

const rootMeanSquare = (x: Tensor): Tensor => sqrt(mean(square(x)))

/** The running mean squares: of a matrix those of its rows times those of its columns, over their mean. */
function meanSquares(squares: Tensor, share: Tensor, weight: Variable, slots: Slots): Tensor {
  const moved = (slot: Variable, value: Tensor): Tensor =>
    assign(slot, add(mul(slot.value, sub(1, share)), mul(value, share)))
  const velocity = slots.velocity as Variable
  if (weight.shape.length < 2) return moved(velocity, squares)
  const row = moved(slots.row as Variable, mean(squares, -1))
  const column = moved(slots.column as Variable, mean(squares, -2))
  const relative = div(row, mean(row, -1, { keepDims: true }))
  return assign(velocity, mul(expandDims(relative, -1), expandDims(column, -2)))
}

/**
 * Adam's scaling with the mean squares of a matrix's rows and columns in place of those of its elements, and
 * steps relative to the size of the weight (Shazeer and Stern 2018, https://arxiv.org/abs/1804.04235).
 *
 * @example
 * model.compile({ optimizer: optimizers.adafactor({ learningRate: 0.01 }), loss: 'mse' })
 */
export const adafactor = (options: AdafactorOptions = {}): Adafactor => new Adafactor(options)
