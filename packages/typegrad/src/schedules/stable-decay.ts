import { needed, number, oneOf, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, maximum, minimum, mul, sub } from '../ops/arithmetic.ts'
import { cos, sqrt } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

const shapes = ['linear', 'cosine', '1-sqrt'] as const

export interface StableDecayOptions {
  /** The learning rate of the first step, which stays. */
  readonly initialLearningRate: number
  /** For how many steps it stays. */
  readonly stableSteps: number
  /** Number of steps of the decay behind them. */
  readonly decaySteps: number
  /** What is left at the end, as a share. Default 0. */
  readonly alpha?: number | undefined
  /** Along a straight line, half a cosine, or 1 − √(what is done) (Hägele et al. 2024). Default `'cosine'`. */
  readonly decay?: (typeof shapes)[number] | undefined
}

export const stableDecayChecks = optionsOf<StableDecayOptions>()({
  initialLearningRate: needed(number),
  stableSteps: needed(number),
  decaySteps: needed(number),
  alpha: number,
  decay: oneOf(...shapes),
})

/** What is left, from 1 to 0, of the share of the decay that is done. */
const left: Readonly<Record<(typeof shapes)[number], (done: Tensor) => Tensor>> = {
  linear: (done) => sub(1, done),
  cosine: (done) => mul(add(cos(mul(done, Math.PI)), 1), 0.5),
  '1-sqrt': (done) => sub(1, sqrt(done)),
}

/** See {@link stableDecay}. */
@takes(stableDecayChecks)
export class StableDecay extends LearningRateSchedule {
  readonly className = 'StableDecay'
  readonly #options: { readonly [K in keyof StableDecayOptions]-?: NonNullable<StableDecayOptions[K]> }

  constructor({ alpha = 0, decay = 'cosine', ...options }: StableDecayOptions) {
    super()
    checkSteps('stableDecay', 'decaySteps', options.decaySteps)
    this.#options = { ...options, alpha, decay }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, stableSteps, decaySteps, alpha, decay } = this.#options
    const done = minimum(div(maximum(sub(step, stableSteps), 0), decaySteps), 1)
    return mul(add(mul(left[decay](done), 1 - alpha), alpha), initialLearningRate)
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * A learning rate that stays, and falls at the end: behind a warm-up it is the schedule "warm-up–stable–decay", whose
 * training can be gone on with from before the decay (Hu et al. 2024, MiniCPM, https://arxiv.org/abs/2404.06395; Hägele et
 * al. 2024, https://arxiv.org/abs/2405.18392).
 *
 * @throws ArgumentError unless `decaySteps` is positive.
 * @example
 * const stable = schedules.stableDecay({ initialLearningRate: 1e-3, stableSteps: 8000, decaySteps: 1000, decay: '1-sqrt' })
 * schedules.warmup({ warmupSteps: 1000, schedule: stable })
 */
export const stableDecay = (options: StableDecayOptions): StableDecay => new StableDecay(options)
