import { anything, needed, number, optionsOf } from '../base/options.ts'
import { serialize } from '../base/serialization.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { less, where } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface WarmupOptions {
  /** What follows the warm-up: a learning rate that stays, or a schedule, whose first step is then the first one behind it. */
  readonly schedule: number | LearningRateSchedule
  /** Number of steps of the warm-up. */
  readonly warmupSteps: number
  /** The learning rate of the first step. Default 0. */
  readonly initialLearningRate?: number | undefined
}

export const warmupChecks = optionsOf<WarmupOptions>()({
  schedule: needed(anything),
  warmupSteps: needed(number),
  initialLearningRate: number,
})

/** See {@link warmup}. */
@takes(warmupChecks)
export class Warmup extends LearningRateSchedule {
  readonly className = 'Warmup'
  readonly #schedule: number | LearningRateSchedule
  readonly #warmupSteps: number
  readonly #initialLearningRate: number

  constructor({ schedule, warmupSteps, initialLearningRate = 0 }: WarmupOptions) {
    super()
    checkSteps('warmup', 'warmupSteps', warmupSteps)
    this.#schedule = schedule
    this.#warmupSteps = warmupSteps
    this.#initialLearningRate = initialLearningRate
  }

  override call(step: Tensor): Tensor {
    const [initial, steps] = [this.#initialLearningRate, this.#warmupSteps]
    const behind = maximum(sub(step, steps), 0)
    const after =
      typeof this.#schedule === 'number' ? add(mul(behind, 0), this.#schedule) : this.#schedule.call(behind)
    const target = typeof this.#schedule === 'number' ? this.#schedule : this.#schedule.call(mul(step, 0))
    const rise = add(mul(div(step, steps), sub(target, initial)), initial)
    return where(less(step, steps), rise, after)
  }

  override getConfig(): Record<string, unknown> {
    const schedule = typeof this.#schedule === 'number' ? this.#schedule : serialize(this.#schedule)
    return { schedule, warmupSteps: this.#warmupSteps, initialLearningRate: this.#initialLearningRate }
  }
}

/**
 * A straight line up to where another schedule begins, and then that one: what training of transformers begins with
 * (Goyal et al. 2017, https://arxiv.org/abs/1706.02677).
 *
 * @throws ArgumentError unless `warmupSteps` is positive.
 * @example
 * const peak = schedules.polynomialDecay({ initialLearningRate: 5e-5, endLearningRate: 0, decaySteps: 900 })
 * optimizers.adamw({ learningRate: schedules.warmup({ warmupSteps: 100, schedule: peak }) })
 */
export const warmup = (options: WarmupOptions): Warmup => new Warmup(options)
