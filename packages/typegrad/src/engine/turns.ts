import { nextTurn, sliceMilliseconds, workedSinceTurn } from '../base/turn.ts'

/**
 * To be called after a synchronous run that began at `start`; a promise is to be handed to its caller.
 *
 * A promise that is resolved at once lets only other promises run: a loop that awaits short runs would hold up
 * timers, sockets and rendering for as long as it lasts. So the event loop turns whenever it is due.
 */
export function turnAfter(start: number): Promise<void> | undefined {
  return workedSinceTurn(start) < sliceMilliseconds ? undefined : new Promise<void>(nextTurn)
}
