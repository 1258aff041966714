import type { Logs } from '../callbacks/callback.ts'

/**
 * Tells once that a loss is no number any more, from logs that are read anyway: those of the progress on a terminal, and
 * of each epoch.
 */
export class LossWatch {
  #told = false
  readonly #interrupt: () => void

  /** @param interrupt called before a warning is printed: ends a line that is being drawn. */
  constructor(interrupt: () => void) {
    this.#interrupt = interrupt
  }

  /**
   * @param epoch counted from 0, as `batch`.
   * @param what whose logs they are: `loss`, `validation loss`.
   */
  look(logs: Logs, epoch: number, batch: number, what = 'loss'): Logs {
    const { loss } = logs
    if (loss === undefined || Number.isFinite(loss) || this.#told) return logs
    this.#told = true
    this.#interrupt()
    console.warn(
      `typegrad: the ${what} is ${loss} in epoch ${epoch + 1}, after batch ${batch + 1} or before it. ` +
        'Try a lower learning rate or clipnorm: 1 in the optimizer, and look for NaN and very large values in the ' +
        'data. The callback terminateOnNaN() ends such a training.',
    )
    return logs
  }
}
