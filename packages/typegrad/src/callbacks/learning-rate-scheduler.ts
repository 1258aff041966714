import { anything, needed, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Callback, type EpochLogs } from './callback.ts'

export interface LearningRateSchedulerOptions {
  /** The learning rate of an epoch, counted from 0, from that of the epoch before. */
  readonly schedule: (epoch: number, learningRate: number) => number
}

export const learningRateSchedulerChecks = optionsOf<LearningRateSchedulerOptions>()({
  schedule: needed(anything),
})

/** Sets the learning rate before each epoch; see {@link learningRateScheduler}. */
@takes(learningRateSchedulerChecks)
export class LearningRateScheduler extends Callback {
  override readonly addsLogs = ['learning_rate']
  readonly #schedule: (epoch: number, learningRate: number) => number

  constructor({ schedule }: LearningRateSchedulerOptions) {
    super()
    this.#schedule = schedule
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model
    optimizer.learningRateValue = this.#schedule(epoch, optimizer.learningRateValue)
  }

  override onEpochEnd(_epoch: number, logs: EpochLogs): void {
    logs.learning_rate = this.model.optimizer.learningRateValue
  }
}

/**
 * Sets the optimizer's learning rate before each epoch, and logs it as `learning_rate`.
 *
 * @throws StateError at the first epoch if the optimizer has a schedule of its own; ArgumentError for a rate
 * that is none.
 * @example
 * learningRateScheduler({ schedule: (epoch, rate) => (epoch < 10 ? rate : rate * 0.9) })
 */
export const learningRateScheduler = (options: LearningRateSchedulerOptions): LearningRateScheduler =>
  new LearningRateScheduler(options)
