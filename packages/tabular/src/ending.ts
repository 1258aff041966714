/** What ends a training before it is done. */
export interface Endings {
  /** When the budget is over, by `performance.now()`. */
  readonly deadline: number
  /** Ends it with an error. */
  readonly signal: AbortSignal | undefined
  /** Ends it with what there is by then. */
  readonly stop: AbortSignal | undefined
}

/** Knows when a training is to end, and tells what was stopped from what failed. */
export class Ending {
  readonly deadline: number
  /** Aborted where either signal is: for work that is given up at once when the training is stopped. */
  readonly either: AbortSignal | undefined
  readonly #signal: AbortSignal | undefined
  readonly #stop: AbortSignal | undefined

  constructor({ deadline, signal, stop }: Endings) {
    this.deadline = deadline
    this.#signal = signal
    this.#stop = stop
    const given = [signal, stop].filter((one) => one !== undefined)
    this.either = given.length > 0 ? AbortSignal.any(given) : undefined
  }

  get isStopped(): boolean {
    return this.#stop?.aborted === true
  }

  /** Whether nothing further is to be begun. */
  get isOver(): boolean {
    return this.isStopped || performance.now() > this.deadline
  }

  /** The result of work that {@link either} ends; undefined where the training was stopped meanwhile. @throws what else it throws. */
  async unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    return await work.catch((error: unknown) => {
      if (this.isStopped && this.#signal?.aborted !== true) return undefined
      throw error
    })
  }
}
