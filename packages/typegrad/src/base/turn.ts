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
export const sliceMilliseconds = 2

/** Start of the current uninterrupted slice of work; undefined if no work has asked since the event loop last turned. */
let sliceStart: number | undefined

/**
 * For how many milliseconds JavaScript has worked since the event loop last turned, as far as its callers have asked: one
 * clock for all, since work by several in the same turn adds up.
 *
 * @param began when the asker's own work began, if that was before.
 */
export function workedSinceTurn(began = performance.now()): number {
  if (sliceStart === undefined) {
    sliceStart = began
    nextTurn(() => {
      sliceStart = undefined
    })
  }
  return performance.now() - sliceStart
}

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
  constructor() {
    workedSinceTurn()
  }

  /** Whether a turn is due. */
  due(): boolean {
    return workedSinceTurn() >= sliceMilliseconds
  }

  async turn(): Promise<void> {
    await new Promise<void>(nextTurn)
    workedSinceTurn()
  }
}
