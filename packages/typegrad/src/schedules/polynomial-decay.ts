import { boolean, needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, minimum, mul, pow, sub } from '../ops/arithmetic.ts'
import { ceil } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface PolynomialDecayOptions {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number
  /** Number of steps after which the end is reached. */
  readonly decaySteps: number
  /** The learning rate at the end. Default 0.0001. */
  readonly endLearningRate?: number | undefined
  /** Exponent of the polynomial. Default 1: a straight line. */
  readonly power?: number | undefined
  /** Whether a longer decay begins where one has ended: after 1, 2, 3 … times `decaySteps`. Default false. */
  readonly cycle?: boolean | undefined
}

export const polynomialDecayChecks = optionsOf<PolynomialDecayOptions>()({
  initialLearningRate: needed(number),
  decaySteps: needed(number),
  endLearningRate: number,
  power: number,
  cycle: boolean,
})

/** See {@link polynomialDecay}. */
@takes(polynomialDecayChecks)
export class PolynomialDecay extends LearningRateSchedule {
  readonly className = 'PolynomialDecay'
  readonly #options: {
    readonly [K in keyof PolynomialDecayOptions]-?: NonNullable<PolynomialDecayOptions[K]>
  }

  constructor({
    initialLearningRate,
    decaySteps,
    endLearningRate = 0.0001,
    power = 1,
    cycle = false,
  }: PolynomialDecayOptions) {
    super()
    checkSteps('polynomialDecay', 'decaySteps', decaySteps)
    this.#options = { initialLearningRate, decaySteps, endLearningRate, power, cycle }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, endLearningRate, decaySteps, power, cycle } = this.#options
    const done = cycle
      ? div(step, mul(maximum(ceil(div(step, decaySteps)), 1), decaySteps))
      : div(minimum(step, decaySteps), decaySteps)
    return add(mul(pow(sub(1, done), power), initialLearningRate - endLearningRate), endLearningRate)
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * From the initial to the end learning rate along (1 − step / decaySteps) ^ power.
 *
 * @throws ArgumentError unless `decaySteps` is positive.
 * @example
 * schedules.polynomialDecay({ initialLearningRate: 0.1, endLearningRate: 0.01, decaySteps: 10000, power: 0.5 })
 */
export const polynomialDecay = (options: PolynomialDecayOptions): PolynomialDecay =>
  new PolynomialDecay(options)
