import { nextTurn, sliceMilliseconds } from '../base/turn.ts'

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
