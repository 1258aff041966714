import { ArgumentError } from '../base/errors.ts'
import {
  Callback,
  type Ending,
  type EpochLogs,
  type Logs,
  type TrainedModel,
  type TrainingParams,
  type TrainingPosition,
} from './callback.ts'

/** The callbacks of a training as one; each hook waits for every callback, in their order. */
export class CallbackList {
  readonly #callbacks: readonly Callback[]

  constructor(
    model: TrainedModel,
    callbacks: readonly Callback[],
    params: Omit<TrainingParams, 'callbacks'>,
  ) {
    callbacks.forEach((callback: unknown, i) => {
      if (!(callback instanceof Callback)) throw notOne(callback, i)
    })
    this.#callbacks = [
      ...callbacks.filter((callback) => !callback.runsLast),
      ...callbacks.filter((callback) => callback.runsLast),
    ]
    for (const callback of this.#callbacks) {
      callback.model = model
      callback.params = { ...params, callbacks: this.#callbacks }
    }
  }

  /** Calls a hook of each. Most are synchronous, and then nothing waits. */
  async each(hook: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) {
      const waiting = hook(callback)
      if (waiting !== undefined) await waiting
    }
  }

  /**
   * The end of an epoch. Each callback sees what those before it have added to the logs; history and progress bar come
   * after those that may add, a backup after all.
   *
   * @throws ArgumentError for an added log that is no number.
   */
  async epochEnd(epoch: number, logs: EpochLogs): Promise<void> {
    const [showing, working] = [true, false].map((shows) =>
      this.#callbacks.filter((callback) => callback.seesAllLogs === shows && !callback.runsLast),
    ) as [Callback[], Callback[]]
    for (const callback of showing) callback.makeWay()
    const keeping = this.#callbacks.filter((callback) => callback.runsLast)
    for (const callback of [...working, ...showing, ...keeping]) {
      const waiting = callback.onEpochEnd(epoch, logs)
      if (waiting !== undefined) await waiting
      checkLogs(callback, logs)
    }
  }

  /** Where an interrupted training goes on, as far as a callback knows. */
  async resumed(): Promise<TrainingPosition | undefined> {
    let furthest: TrainingPosition | undefined
    for (const callback of this.#callbacks) {
      const position = await callback.resumeFrom()
      if (position !== undefined && position.epoch >= (furthest?.epoch ?? 0)) furthest = position
    }
    return furthest
  }

  trainEnd(logs: Logs, ending: Ending): Promise<void> {
    return this.each((callback) => callback.onTrainEnd(logs, ending))
  }
}

/** @throws ArgumentError naming the callback that has added what is no number. */
function checkLogs(callback: Callback, logs: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(logs)) {
    if (typeof value === 'number') continue
    throw new ArgumentError({
      where: `${callback.constructor.name}.onEpochEnd: logs.${name}`,
      expected: 'a number',
      received:
        typeof value === 'object' ? (value?.constructor.name ?? 'null') : `${typeof value} ${String(value)}`,
      fix: 'Of a tensor take its value: await x.item().',
    })
  }
}

const notOne = (callback: unknown, i: number): ArgumentError =>
  new ArgumentError({
    where: `callbacks[${i}]`,
    expected: 'a Callback',
    received:
      callback instanceof Object ? `an object with ${Object.keys(callback).join(', ')}` : String(callback),
    fix: 'Write lambdaCallback({ onEpochEnd: … }), or a class that extends Callback.',
  })
