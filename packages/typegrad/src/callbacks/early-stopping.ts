import { ArgumentError } from '../base/errors.ts'
import { boolean, number, optionsOf } from '../base/options.ts'
import { checked, flag, object, orNull, real, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Callback, type Logs } from './callback.ts'
import { Monitor, type MonitorOptions, monitorChecks } from './monitor.ts'
import { numbered } from './numbered.ts'

export interface EarlyStoppingOptions extends MonitorOptions {
  /** A smaller change does not count as an improvement. Default 0. */
  readonly minDelta?: number
  /** Epochs without improvement after which the training ends. Default 0. */
  readonly patience?: number
  /** The value to beat: epochs that do not beat it do not count as improved. Default none. */
  readonly baseline?: number
  /** Whether the model ends with the weights of its best epoch rather than its last. Default false. */
  readonly restoreBestWeights?: boolean
  /** Epochs before that one do not count. Default 0. */
  readonly startFromEpoch?: number
}

export const earlyStoppingChecks = optionsOf<EarlyStoppingOptions>()({
  minDelta: number,
  patience: number,
  baseline: number,
  restoreBestWeights: boolean,
  startFromEpoch: number,
  ...monitorChecks,
})

/** Ends a training that no longer improves; see {@link earlyStopping}. */
@takes(earlyStoppingChecks)
export class EarlyStopping extends Callback {
  override readonly addsLogs = []
  /** The best value so far; undefined before the first epoch. */
  best: number | undefined
  /** The epoch of the best value, counted from 0. */
  bestEpoch = 0
  /** The epoch after which the training was ended; undefined if it was not. */
  stoppedEpoch: number | undefined
  readonly #monitor: Monitor
  readonly #patience: number
  readonly #baseline: number | undefined
  readonly #restoreBestWeights: boolean
  readonly #startFromEpoch: number
  #wait = 0
  #bestWeights: readonly Tensor[] | undefined

  constructor({
    patience = 0,
    baseline,
    restoreBestWeights = false,
    startFromEpoch = 0,
    ...monitor
  }: EarlyStoppingOptions = {}) {
    super()
    if (!(patience >= 0)) {
      throw new ArgumentError({
        where: 'earlyStopping',
        expected: 'a patience of at least 0 epochs',
        received: String(patience),
      })
    }
    this.#monitor = new Monitor('earlyStopping', monitor)
    this.#patience = patience
    this.#baseline = baseline
    this.#restoreBestWeights = restoreBestWeights
    this.#startFromEpoch = startFromEpoch
  }

  override onTrainBegin(): void {
    this.best = undefined
    this.bestEpoch = 0
    this.stoppedEpoch = undefined
    this.#wait = 0
    this.#bestWeights = undefined
    this.#monitor.check(this.params)
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const current = this.#monitor.read(logs, epoch)
    if (current === undefined || epoch < this.#startFromEpoch) return
    // Where no epoch is ever better than none (NaN from the first on), the first one's weights are the best.
    if (this.best === undefined) this.bestEpoch = epoch
    if (this.#bestWeights === undefined) this.#keepWeights()
    // Weights that have led to NaN lead to nothing else.
    if (Number.isNaN(logs.loss)) {
      this.stoppedEpoch = epoch
      this.model.stopTraining = true
      return
    }
    this.#wait += 1
    if (this.#monitor.improves(current, this.best)) {
      this.best = current
      this.bestEpoch = epoch
      this.#keepWeights()
      if (this.#monitor.improves(current, this.#baseline)) this.#wait = 0
      return
    }
    if (this.#wait >= this.#patience && epoch > 0) {
      this.stoppedEpoch = epoch
      this.model.stopTraining = true
    }
  }

  override onTrainEnd(): void {
    if (this.#bestWeights !== undefined) this.model.setWeights(this.#bestWeights)
  }

  #keepWeights(): void {
    if (this.#restoreBestWeights) this.#bestWeights = this.model.getWeights()
  }

  override getState(): unknown {
    const { best, bestEpoch } = this
    return { best: best ?? null, bestEpoch, wait: this.#wait, hasWeights: this.#bestWeights !== undefined }
  }

  override getTensors(): Readonly<Record<string, Tensor>> {
    return Object.fromEntries((this.#bestWeights ?? []).map((weight, i) => [`best_${i}`, weight]))
  }

  override setState(state: unknown, tensors: Readonly<Record<string, Tensor>>): void {
    const saved = checked(
      object({
        best: orNull(real),
        bestEpoch: whole(),
        wait: whole(0, Math.max(1, this.#patience)),
        hasWeights: flag,
      }),
      state,
      'earlyStopping',
    )
    this.best = saved.best ?? undefined
    this.bestEpoch = saved.bestEpoch
    this.#wait = saved.wait
    this.#bestWeights = saved.hasWeights ? numbered('earlyStopping', 'best', tensors) : undefined
  }
}

/**
 * Ends the training once a log has not improved for `patience` epochs, and at once where the loss is NaN, since it then
 * never improves again.
 *
 * @throws ArgumentError where the log's name does not say whether less or more is better; UnknownNameError
 * when the training begins, if it will not have such a log.
 * @example
 * earlyStopping({ monitor: 'val_loss', patience: 3, restoreBestWeights: true })
 */
export const earlyStopping = (options?: EarlyStoppingOptions): EarlyStopping => new EarlyStopping(options)
