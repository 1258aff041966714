import { existsSync, openSync, readSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

/** A thread's processor time so far, in milliseconds; undefined where the system does not tell. */
function processorClock(): (() => number) | undefined {
  if (!existsSync('/proc/thread-self/schedstat')) return undefined
  const file = openSync('/proc/thread-self/schedstat', 'r')
  const text = Buffer.alloc(64)
  return () => {
    readSync(file, text, 0, text.length, 0)
    return Number.parseInt(text.toString('latin1'), 10) / 1e6
  }
}

/** In milliseconds: the longest turn and all of them together by the processor's time, and the longest delay. */
export interface Turns {
  readonly turn: number
  readonly all: number
  readonly delay: number
}

/** What the turns of the event loop took while `work` ran. */
export async function longestTurn(work: () => Promise<unknown>): Promise<Turns> {
  const clock = processorClock() ?? (() => performance.now())
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await wait(20)
  delay.reset()
  let turn = 0
  const start = clock()
  let last = start
  let isRunning = true
  const tick = () => {
    turn = Math.max(turn, clock() - last)
    last = clock()
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  const all = clock() - start
  isRunning = false
  await wait(5)
  delay.disable()
  return { turn, all, delay: delay.max / 1e6 }
}
