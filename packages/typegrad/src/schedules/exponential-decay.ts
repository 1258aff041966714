import { boolean, needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { div, mul, pow } from '../ops/arithmetic.ts'
import { floor } from '../ops/elementwise.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

/** Options of the schedules that decay by a rate. */
export interface DecayOptions {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number
  /** Number of steps over which the rate is applied once. */
  readonly decaySteps: number
  /** How much the learning rate falls in `decaySteps`. */
  readonly decayRate: number
  /** Whether the learning rate stays until `decaySteps` are done, and then changes at once. Default false. */
  readonly staircase?: boolean | undefined
}

export const decayChecks = optionsOf<DecayOptions>()({
  initialLearningRate: needed(number),
  decaySteps: needed(number),
  decayRate: needed(number),
  staircase: boolean,
})

/** See {@link exponentialDecay}. */
@takes(decayChecks)
export class ExponentialDecay extends LearningRateSchedule {
  readonly className = 'ExponentialDecay'
  readonly #options: Required<DecayOptions>

  constructor({ initialLearningRate, decaySteps, decayRate, staircase = false }: DecayOptions) {
    super()
    checkSteps('exponentialDecay', 'decaySteps', decaySteps)
    this.#options = { initialLearningRate, decaySteps, decayRate, staircase }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, decayRate } = this.#options
    return mul(pow(scalar(decayRate), decays(step, this.#options)), initialLearningRate)
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/** How many times `decaySteps` have passed. */
export function decays(step: Tensor, { decaySteps, staircase }: Required<DecayOptions>): Tensor {
  // A division: the product with 1 / decaySteps may fall just below a whole number, and be rounded down from it.
  const times = div(step, decaySteps)
  return staircase ? floor(times) : times
}

/**
 * initialLearningRate · decayRate ^ (step / decaySteps).
 *
 * @throws ArgumentError unless `decaySteps` is positive.
 * @example
 * optimizers.sgd({
 *   learningRate: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1000, decayRate: 0.96 }),
 * })
 */
export const exponentialDecay = (options: DecayOptions): ExponentialDecay => new ExponentialDecay(options)
