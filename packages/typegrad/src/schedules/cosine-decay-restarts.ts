import { ArgumentError } from '../base/errors.ts'
import { needed, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, pow, sub } from '../ops/arithmetic.ts'
import { less, where } from '../ops/comparison.ts'
import { cos, floor, log } from '../ops/elementwise.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { checkSteps, LearningRateSchedule } from './schedule.ts'

export interface CosineDecayRestartsOptions {
  /** Where the first decay begins. */
  readonly initialLearningRate: number
  /** Number of steps of the first decay. */
  readonly firstDecaySteps: number
  /** How many times as long each decay is as the one before. Default 2. */
  readonly tMul?: number | undefined
  /** What each decay begins with, as a share of where the one before began. Default 1. */
  readonly mMul?: number | undefined
  /** What is left at the end of a decay, as a share of the initial learning rate. Default 0. */
  readonly alpha?: number | undefined
}

export const cosineDecayRestartsChecks = optionsOf<CosineDecayRestartsOptions>()({
  initialLearningRate: needed(number),
  firstDecaySteps: needed(number),
  tMul: number,
  mMul: number,
  alpha: number,
})

/** See {@link cosineDecayRestarts}. */
@takes(cosineDecayRestartsChecks)
export class CosineDecayRestarts extends LearningRateSchedule {
  readonly className = 'CosineDecayRestarts'
  readonly #options: Required<{ readonly [K in keyof CosineDecayRestartsOptions]: number }>

  constructor({
    initialLearningRate,
    firstDecaySteps,
    tMul = 2,
    mMul = 1,
    alpha = 0,
  }: CosineDecayRestartsOptions) {
    super()
    checkSteps('cosineDecayRestarts', 'firstDecaySteps', firstDecaySteps)
    if (!(tMul >= 1)) {
      throw new ArgumentError({
        where: 'cosineDecayRestarts',
        expected: 'tMul of at least 1',
        received: String(tMul),
      })
    }
    this.#options = { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate, mMul, alpha } = this.#options
    const { restarts, done } = this.#position(step)
    const height = mMul === 1 ? 1 : pow(scalar(mMul), restarts)
    const falling = mul(mul(add(cos(mul(done, Math.PI)), 1), 0.5), height)
    return mul(add(mul(falling, 1 - alpha), alpha), initialLearningRate)
  }

  /** How many decays have ended, and which share of the current one is done. */
  #position(step: Tensor): { readonly restarts: Tensor; readonly done: Tensor } {
    const { firstDecaySteps: first, tMul } = this.#options
    const decays = div(step, first)
    if (tMul === 1) {
      const restarts = floor(decays)
      return { restarts, done: sub(decays, restarts) }
    }
    // first·(tⁱ − 1) / (t − 1) steps lie before the decay number i.
    const before = (i: Tensor): Tensor => mul(sub(pow(scalar(tMul), i), 1), first / (tMul - 1))
    // The logarithm may fall just below a whole number: rounded up a little, and taken back where that was wrong.
    const guess = floor(add(mul(log(add(mul(decays, tMul - 1), 1)), 1 / Math.log(tMul)), 1e-3))
    const restarts = where(less(step, before(guess)), sub(guess, 1), guess)
    const length = mul(pow(scalar(tMul), restarts), first)
    return { restarts, done: div(sub(step, before(restarts)), length) }
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * Half a cosine from the initial learning rate to `alpha` times of it, again and again, each `tMul` times as
 * long (Loshchilov and Hutter 2016, https://arxiv.org/abs/1608.03983).
 *
 * @throws ArgumentError unless `firstDecaySteps` is positive and `tMul` at least 1.
 * @example
 * schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 1000 })
 */
export const cosineDecayRestarts = (options: CosineDecayRestartsOptions): CosineDecayRestarts =>
  new CosineDecayRestarts(options)
