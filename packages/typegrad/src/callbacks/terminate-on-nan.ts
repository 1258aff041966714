import { noOptions } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Callback, type Logs } from './callback.ts'

/** Ends a training whose loss is no number any more; see {@link terminateOnNaN}. */
@takes(noOptions)
export class TerminateOnNaN extends Callback {
  override readonly addsLogs = []
  /** The batch, counted from 0, after which the training was ended; undefined if it was not. */
  terminatedBatch: number | undefined

  override onTrainBegin(): void {
    this.terminatedBatch = undefined
  }

  override async onTrainBatchEnd(batch: number, logs: () => Promise<Logs>): Promise<void> {
    const { loss } = await logs()
    if (loss === undefined || Number.isFinite(loss)) return
    this.terminatedBatch = batch
    this.model.stopTraining = true
    console.warn(`typegrad: the loss is ${loss} after batch ${batch + 1}; the training ends.`)
  }
}

/**
 * Ends the training as soon as the loss is NaN or infinite, and says so. It reads the loss after every batch,
 * which costs a little.
 *
 * @example
 * terminateOnNaN()
 */
export const terminateOnNaN = (...none: readonly []): TerminateOnNaN => new TerminateOnNaN(...none)
