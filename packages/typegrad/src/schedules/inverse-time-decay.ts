import { takes } from '../base/takes.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { type DecayOptions, decayChecks, decays } from './exponential-decay.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

/** See {@link inverseTimeDecay}. */
@takes(decayChecks)
export class InverseTimeDecay extends LearningRateSchedule {
  readonly className = 'InverseTimeDecay'
  readonly #options: Required<DecayOptions>

  constructor({ initialLearningRate, decaySteps, decayRate, staircase = false }: DecayOptions) {
    super()
    checkSteps('inverseTimeDecay', 'decaySteps', decaySteps)
    this.#options = { initialLearningRate, decaySteps, decayRate, staircase }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, decayRate } = this.#options
    return div(scalar(initialLearningRate), add(mul(decays(step, this.#options), decayRate), 1))
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * initialLearningRate / (1 + decayRate · step / decaySteps).
 *
 * @throws ArgumentError unless `decaySteps` is positive.
 * @example
 * schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 })
 */
export const inverseTimeDecay = (options: DecayOptions): InverseTimeDecay => new InverseTimeDecay(options)
