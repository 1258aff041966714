import { ArgumentError } from '../base/errors.ts'
import { anything, needed, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { lessEqual, where } from '../ops/comparison.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { LearningRateSchedule } from './schedule.ts'

export interface PiecewiseConstantDecayOptions {
  /** The last step of each piece but the last, increasing. */
  readonly boundaries: readonly number[]
  /** The learning rate of each piece: one more than boundaries. */
  readonly values: readonly number[]
}

export const piecewiseConstantDecayChecks = optionsOf<PiecewiseConstantDecayOptions>()({
  boundaries: needed(anything),
  values: needed(anything),
})

/** See {@link piecewiseConstantDecay}. */
@takes(piecewiseConstantDecayChecks)
export class PiecewiseConstantDecay extends LearningRateSchedule {
  readonly className = 'PiecewiseConstantDecay'
  readonly #options: PiecewiseConstantDecayOptions

  constructor({ boundaries, values }: PiecewiseConstantDecayOptions) {
    super()
    if (values.length !== boundaries.length + 1) {
      throw new ArgumentError({
        where: 'piecewiseConstantDecay',
        expected: `one value more than the ${boundaries.length} boundaries`,
        received: `${values.length}`,
      })
    }
    this.#options = { boundaries, values }
  }

  override call(step: Tensor): Tensor {
    const { boundaries, values } = this.#options
    const last: Tensor = scalar(values.at(-1) as number)
    // From the last boundary back: the first piece that the step is not beyond decides.
    return boundaries.reduceRight<Tensor>(
      (later, boundary, i) => where(lessEqual(step, boundary), values[i] as number, later),
      last,
    )
  }

  override getConfig(): Record<string, unknown> {
    return { ...this.#options }
  }
}

/**
 * One learning rate up to and with the first boundary, another up to the second, and so on.
 *
 * @throws ArgumentError unless there is one value more than boundaries.
 * @example
 * schedules.piecewiseConstantDecay({ boundaries: [1000, 5000], values: [0.1, 0.01, 0.001] })
 */
export const piecewiseConstantDecay = (options: PiecewiseConstantDecayOptions): PiecewiseConstantDecay =>
  new PiecewiseConstantDecay(options)
