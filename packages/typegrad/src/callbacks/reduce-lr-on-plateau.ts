import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { checked, object, orNull, real, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import { Callback, type EpochLogs } from './callback.ts'
import { Monitor, type MonitorOptions, monitorChecks } from './monitor.ts'

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by. Below 1. Default 0.1. */
  readonly factor?: number
  /** Epochs without improvement after which it is reduced. Default 10. */
  readonly patience?: number
  /** A smaller change does not count as an improvement. Default 1e-4. */
  readonly minDelta?: number
  /** Epochs after a reduction that do not count. Default 0. */
  readonly cooldown?: number
  /** The learning rate does not go below. Default 0. */
  readonly minLr?: number
}

export const reduceLROnPlateauChecks = optionsOf<ReduceLROnPlateauOptions>()({
  factor: number,
  patience: number,
  minDelta: number,
  cooldown: number,
  minLr: number,
  ...monitorChecks,
})

/** Reduces the learning rate of a training that no longer improves; see {@link reduceLROnPlateau}. */
@takes(reduceLROnPlateauChecks)
export class ReduceLROnPlateau extends Callback {
  override readonly addsLogs = ['learning_rate']
  /** The best value so far; undefined before the first epoch. */
  best: number | undefined
  readonly #monitor: Monitor
  readonly #factor: number
  readonly #patience: number
  readonly #cooldown: number
  readonly #minLr: number
  #wait = 0
  #cooldownLeft = 0

  constructor({
    factor = 0.1,
    patience = 10,
    minDelta = 1e-4,
    cooldown = 0,
    minLr = 0,
    ...monitor
  }: ReduceLROnPlateauOptions = {}) {
    super()
    if (!(factor > 0 && factor < 1)) {
      throw new ArgumentError({
        where: 'reduceLROnPlateau',
        expected: 'a factor between 0 and 1',
        received: String(factor),
      })
    }
    this.#monitor = new Monitor('reduceLROnPlateau', { ...monitor, minDelta })
    this.#factor = factor
    this.#patience = patience
    this.#cooldown = cooldown
    this.#minLr = minLr
  }

  override onTrainBegin(): void {
    this.best = undefined
    this.#wait = 0
    this.#cooldownLeft = 0
    this.#monitor.check(this.params)
  }

  override onEpochEnd(epoch: number, logs: EpochLogs): void {
    logs.learning_rate = this.model.optimizer.learningRateValue
    const current = this.#monitor.read(logs, epoch)
    if (current === undefined) return
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft -= 1
      this.#wait = 0
    }
    if (this.#monitor.improves(current, this.best)) {
      this.best = current
      this.#wait = 0
    } else if (this.#cooldownLeft === 0 && ++this.#wait >= this.#patience) {
      this.#reduce()
    }
  }

  #reduce(): void {
    const { optimizer } = this.model
    const rate = optimizer.learningRateValue
    if (rate <= this.#minLr) return
    optimizer.learningRateValue = Math.max(rate * this.#factor, this.#minLr)
    this.#cooldownLeft = this.#cooldown
    this.#wait = 0
  }

  override getState(): unknown {
    return { best: this.best ?? null, wait: this.#wait, cooldownLeft: this.#cooldownLeft }
  }

  override setState(state: unknown): void {
    const saved = checked(
      object({ best: orNull(real), wait: whole(), cooldownLeft: whole() }),
      state,
      'reduceLROnPlateau',
    )
    this.best = saved.best ?? undefined
    this.#wait = saved.wait
    this.#cooldownLeft = saved.cooldownLeft
  }
}

/**
 * Multiplies the learning rate by `factor` once a log has not improved for `patience` epochs. The rate that an epoch
 * was trained with is logged as `learning_rate`.
 *
 * @throws ArgumentError for options that are none; UnknownNameError when the training begins, if it will not
 * have such a log.
 * @example
 * reduceLROnPlateau({ monitor: 'val_loss', factor: 0.2, patience: 5, minLr: 1e-5 })
 */
export const reduceLROnPlateau = (options?: ReduceLROnPlateauOptions): ReduceLROnPlateau =>
  new ReduceLROnPlateau(options)
