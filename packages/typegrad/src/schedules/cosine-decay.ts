import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, minimum, mul, sub } from '../ops/arithmetic.ts'
import { less, where } from '../ops/comparison.ts'
import { cos } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface CosineDecayOptions {
  /** Where the decay begins, or the warm-up if there is one. */
  readonly initialLearningRate: number
  /** Number of steps of the decay. */
  readonly decaySteps: number
  /** What is left at the end, as a share of where the decay began. Default 0. */
  readonly alpha?: number | undefined
  /** Where a linear warm-up leads to and the decay begins. Default: no warm-up. */
  readonly warmupTarget?: number | undefined
  /** Number of steps of the warm-up. Default 0. */
  readonly warmupSteps?: number | undefined
}

export const cosineDecayChecks = optionsOf<CosineDecayOptions>()({
  initialLearningRate: needed(number),
  decaySteps: needed(number),
  alpha: number,
  warmupTarget: number,
  warmupSteps: number,
})

/** See {@link cosineDecay}. */
@takes(cosineDecayChecks)
export class CosineDecay extends LearningRateSchedule {
  readonly className = 'CosineDecay'
  readonly #options: CosineDecayOptions & { readonly alpha: number; readonly warmupSteps: number }

  constructor({ alpha = 0, warmupSteps = 0, ...options }: CosineDecayOptions) {
    super()
    checkSteps('cosineDecay', 'decaySteps', options.decaySteps)
    this.#options = { ...options, alpha, warmupSteps }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, warmupTarget, warmupSteps } = this.#options
    if (warmupTarget === undefined) return this.#decay(step, initialLearningRate)
    const decay = this.#decay(sub(step, warmupSteps), warmupTarget)
    if (warmupSteps === 0) return decay
    const rise = mul(div(step, warmupSteps), warmupTarget - initialLearningRate)
    return where(less(step, warmupSteps), add(rise, initialLearningRate), decay)
  }

  #decay(step: Tensor, from: number): Tensor {
    const { decaySteps, alpha } = this.#options
    const done = div(minimum(step, decaySteps), decaySteps)
    const falling = mul(add(cos(mul(done, Math.PI)), 1), 0.5)
    return mul(add(mul(falling, 1 - alpha), alpha), from)
  }

  override getConfig(): Record<string, unknown> {
    const { warmupTarget = null, ...options } = this.#options
    return { ...options, warmupTarget }
  }
}

/**
 * Half a cosine from the initial learning rate to `alpha` times of it, after a linear warm-up if one is wanted
 * (Loshchilov and Hutter 2016, https://arxiv.org/abs/1608.03983).
 *
 * @throws ArgumentError unless `decaySteps` is positive.
 * @example
 * schedules.cosineDecay({ initialLearningRate: 0, warmupTarget: 1e-3, warmupSteps: 1000, decaySteps: 20000 })
 */
export const cosineDecay = (options: CosineDecayOptions): CosineDecay => new CosineDecay(options)
