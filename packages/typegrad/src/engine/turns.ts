/** How long synchronous runs may follow one another before the event loop gets a turn. */
const sliceMilliseconds = 8

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

/**
 * A promise that is resolved at once lets only other promises run: a loop that awaits short runs would
 * hold up timers, sockets and rendering for as long as it lasts. This counts the time since the event
 * loop last turned and says when it must turn again.
 */
export class Turns {
  #sliceStart: number | undefined

  /** To be called after a synchronous run with its start and end; a promise is to be handed to its caller. */
  after(start: number, end: number): Promise<void> | undefined {
    if (this.#sliceStart === undefined) {
      this.#sliceStart = start
      nextTurn(() => {
        this.#sliceStart = undefined
      })
    }
    return end - this.#sliceStart < sliceMilliseconds ? undefined : new Promise<void>(nextTurn)
  }
}

/** Calls back when the event loop has turned, without the delay that browsers add to setTimeout. */
function nextTurn(callback: () => void): void {
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
