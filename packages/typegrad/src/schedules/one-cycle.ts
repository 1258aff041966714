import { ArgumentError } from '../base/errors.ts'
import { anything, needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, minimum, mul, sub } from '../ops/arithmetic.ts'
import { lessEqual, where } from '../ops/comparison.ts'
import { cos } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface OneCycleOptions {
  /** The learning rate at the top. */
  readonly maxLearningRate: number
  /** Number of steps of the whole cycle. */
  readonly totalSteps: number
  /** The share of the steps that rise, between 0 and 1. Default 0.3. */
  readonly pctStart?: number | undefined
  /** Along half a cosine or a straight line. Default `'cos'`. */
  readonly annealStrategy?: 'cos' | 'linear' | undefined
  /** The first learning rate is the top one over this. Default 25. */
  readonly divFactor?: number | undefined
  /** The last learning rate is the first one over this. Default 10,000. */
  readonly finalDivFactor?: number | undefined
}

export const oneCycleChecks = optionsOf<OneCycleOptions>()({
  maxLearningRate: needed(number),
  totalSteps: needed(number),
  pctStart: number,
  annealStrategy: anything,
  divFactor: number,
  finalDivFactor: number,
})

/** See {@link oneCycle}. */
@takes(oneCycleChecks)
export class OneCycle extends LearningRateSchedule {
  readonly className = 'OneCycle'
  readonly #options: { readonly [K in keyof OneCycleOptions]-?: NonNullable<OneCycleOptions[K]> }

  constructor({
    maxLearningRate,
    totalSteps,
    pctStart = 0.3,
    annealStrategy = 'cos',
    divFactor = 25,
    finalDivFactor = 1e4,
  }: OneCycleOptions) {
    super()
    checkSteps('oneCycle', 'totalSteps', totalSteps)
    checkSteps('oneCycle', 'divFactor', divFactor)
    checkSteps('oneCycle', 'finalDivFactor', finalDivFactor)
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ArgumentError({
        where: 'oneCycle',
        expected: 'pctStart from 0 to 1',
        received: String(pctStart),
      })
    }
    this.#options = { maxLearningRate, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor }
  }

  override call(step: Tensor): Tensor {
    const { maxLearningRate, totalSteps, pctStart, divFactor, finalDivFactor } = this.#options
    const first = maxLearningRate / divFactor
    const [top, end] = [pctStart * totalSteps - 1, totalSteps - 1]
    const at = minimum(step, end)
    const falling = this.#between(maxLearningRate, first / finalDivFactor, div(sub(at, top), end - top))
    if (top <= 0) return falling
    return where(lessEqual(at, top), this.#between(first, maxLearningRate, div(at, top)), falling)
  }

  #between(from: number, to: number, done: Tensor): Tensor {
    const share = this.#options.annealStrategy === 'linear' ? done : mul(sub(1, cos(mul(done, Math.PI))), 0.5)
    return add(mul(share, to - from), from)
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * One rise to a large learning rate and a longer fall far below the first one: fast training, as PyTorch's
 * OneCycleLR (Smith and Topin 2017, https://arxiv.org/abs/1708.07120).
 *
 * @throws ArgumentError unless the number of steps and the divisors are positive and `pctStart` is from 0 to 1.
 * @example
 * optimizers.sgd({ learningRate: schedules.oneCycle({ maxLearningRate: 0.4, totalSteps: 20 * 390 }), momentum: 0.9 })
 */
export const oneCycle = (options: OneCycleOptions): OneCycle => new OneCycle(options)
