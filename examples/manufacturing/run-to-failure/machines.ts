/**
 * `run-to-failure/`: the parts of `examples/manufacturing/run-to-failure.ts`: machines that wear until they fail. It knows typegrad as any
 * program does.
 */
import { hostNormal } from 'typegrad/core'

/** What is measured each hour. */
export const sensors = ['load', 'temperature', 'vibration', 'current', 'pressure'] as const

/** A machine's hours until it failed: one row of sensors an hour. */
export interface Life {
  readonly hours: readonly (readonly number[])[]
}

/**
 * One machine from its first hour to its last.
 *
 * No set of machines that ran to failure could be had, so this is a simulation. Damage `d` grows from 0 to 1, where the machine fails:
 *
 *   d(t + 1) = d(t) + r · load(t)^1.5 · (0.3 + d(t)),   r log-normal about 0.004, another for each machine
 *
 * `load` changes between 0.5 and 1.5 every 20 to 60 hours. Sensors say it with noise: temperature 40 + 20·load + 12·d² + a machine's own
 * offset, vibration 1 + 0.5·load + 3·d³, current 10·load·(1 + 0.15·d), pressure 6 − 0.8·d − 0.5·load. One hour in 200 a sensor
 * reads 0.
 */
export function simulatedLife(below: (bound: number) => number): Life {
  const normal = hostNormal(below)
  const random = (): number => below(2 ** 32) / 2 ** 32
  const rate = 0.004 * Math.exp(0.35 * normal())
  const offset = 3 * normal()
  const hours: number[][] = []
  let [damage, load, change] = [0, 1, 0]
  while (damage < 1) {
    if (hours.length >= change) {
      load = 0.5 + random()
      change = hours.length + 20 + Math.floor(40 * random())
    }
    const row = [
      load + 0.02 * normal(),
      40 + 20 * load + 12 * damage ** 2 + offset + 1.5 * normal(),
      1 + 0.5 * load + 3 * damage ** 3 + 0.25 * normal(),
      10 * load * (1 + 0.15 * damage) + 0.3 * normal(),
      6 - 0.8 * damage - 0.5 * load + 0.15 * normal(),
    ]
    hours.push(row.map((value) => (random() < 1 / 200 ? 0 : value)))
    damage += rate * load ** 1.5 * (0.3 + damage)
  }
  return { hours }
}
