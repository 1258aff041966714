import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div } from '../ops/arithmetic.ts'
import { sqrt } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface InverseSquareRootDecayOptions {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number
  /** After three times so many steps half of it is left. Behind a warm-up most take as many steps as that has. */
  readonly timescale: number
}

export const inverseSquareRootDecayChecks = optionsOf<InverseSquareRootDecayOptions>()({
  initialLearningRate: needed(number),
  timescale: needed(number),
})

/** See {@link inverseSquareRootDecay}. */
@takes(inverseSquareRootDecayChecks)
export class InverseSquareRootDecay extends LearningRateSchedule {
  readonly className = 'InverseSquareRootDecay'
  readonly #options: InverseSquareRootDecayOptions

  constructor(options: InverseSquareRootDecayOptions) {
    super()
    checkSteps('inverseSquareRootDecay', 'timescale', options.timescale)
    this.#options = { ...options }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, timescale } = this.#options
    return div(initialLearningRate, sqrt(add(div(step, timescale), 1)))
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * initialLearningRate / √(1 + step / timescale): behind a warm-up of `timescale` steps the rate falls with the root of all
 * steps, and needs no end (Vaswani et al. 2017, section 5.3, https://arxiv.org/abs/1706.03762).
 *
 * @throws ArgumentError unless `timescale` is positive.
 * @example
 * const falling = schedules.inverseSquareRootDecay({ initialLearningRate: 7e-4, timescale: 4000 })
 * schedules.warmup({ warmupSteps: 4000, schedule: falling })
 */
export const inverseSquareRootDecay = (options: InverseSquareRootDecayOptions): InverseSquareRootDecay =>
  new InverseSquareRootDecay(options)
