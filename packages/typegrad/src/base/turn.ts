interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
  close(): void
}

// Taken early, so that a test with fake timers does not stop the engine. Each is missing somewhere.
const { setImmediate, MessageChannel } = globalThis as unknown as {
  setImmediate?: (callback: () => void) => unknown
  MessageChannel?: new () => { readonly port1: Port; readonly port2: Port }
}

/** Calls back when the event loop has turned, without the delay that browsers add to setTimeout. */
export function nextTurn(callback: () => void): void {
  if (setImmediate !== undefined) {
    setImmediate(callback)
  } else if (MessageChannel !== undefined) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      callback()
    }
    port2.postMessage(null)
  } else {
    setTimeout(callback)
  }
}

/** How long JavaScript may work without giving the event loop a turn. */
export const sliceMilliseconds = 8

/**
 * Cuts long work in JavaScript into slices, so that timers, sockets and rendering go on beside it.
 *
 * @example
 * const pacer = new Pacer()
 * for (const row of rows) {
 *   convert(row)
 *   if (pacer.due()) await pacer.turn()
 * }
 */
export class Pacer {
  #start = performance.now()

  /** Whether a turn is due. */
  due(): boolean {
    return performance.now() - this.#start >= sliceMilliseconds
  }

  async turn(): Promise<void> {
    await new Promise<void>(nextTurn)
    this.#start = performance.now()
  }
}
