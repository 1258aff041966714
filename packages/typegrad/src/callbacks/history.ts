import { FormatError } from '../base/errors.ts'
import { checked, list, object, real, record, whole } from '../base/schema.ts'
import { Callback, type Ending, type Logs } from './callback.ts'

const historyState = object({ epoch: list(whole()), history: record(list(real)) })

/** The logs of every epoch, as `fit` returns them. */
export class History extends Callback {
  override readonly addsLogs = []
  /** Epochs that were trained, counted from 0. */
  readonly epoch: number[] = []
  /**
   * For every name its value after each epoch, or after each that had such a log. A model whose own `trainStep` gives no
   * loss has none here.
   */
  readonly history = {} as { readonly loss: number[] } & Record<string, number[]>
  override readonly seesAllLogs = true
  /** Why the training ended: all epochs done, `stopTraining` set by a callback, the signal, or an error. */
  stoppedBy: Ending = 'end'

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch)
    for (const [name, value] of Object.entries(logs)) {
      const values = this.history[name] ?? []
      values.push(value)
      this.history[name] = values
    }
  }

  override onTrainEnd(_logs: Logs, ending: Ending): void {
    this.stoppedBy = ending
  }

  override getState(): unknown {
    return { epoch: this.epoch, history: this.history }
  }

  override setState(state: unknown): void {
    const saved = checked(historyState, state, 'history')
    for (const [name, values] of Object.entries(saved.history)) {
      const most = saved.epoch.length
      if (values.length > most || (name === 'loss' && values.length > 0 && values.length < most))
        throw new FormatError({
          where: `history.${name.slice(0, 100)}`,
          expected: `values of the ${most} epochs`,
          received: `${values.length}`,
        })
    }
    this.epoch.splice(0, this.epoch.length, ...saved.epoch)
    Object.assign(this.history, saved.history)
  }
}
