import { gate } from '../base/gate.ts'

/**
 * Begins one call after the other, in the order in which they are made, whatever each waits for first: its
 * compilation, or a pending argument.
 */
export class CallOrder {
  /** Settles when the last call that was made has begun, or failed to; undefined when none waits. */
  #last: Promise<void> | undefined

  /** Whether all calls have begun. */
  get isIdle(): boolean {
    return this.#last === undefined
  }

  /**
   * What fails is awaited once and nowhere chained with `then`, here, by the callers and in the runtime: only so does an
   * error's stack lead to the line that called.
   */
  async begin<T>(call: () => Promise<T>): Promise<T> {
    const before = this.#last
    const { opened, open } = gate()
    this.#last = opened
    await before
    try {
      return await call()
    } finally {
      if (this.#last === opened) this.#last = undefined
      open()
    }
  }
}
