import { ArgumentError } from '../base/errors.ts'
import {
  Callback,
  type Ending,
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

const notOne = (callback: unknown, i: number): ArgumentError =>
  new ArgumentError({
    where: `callbacks[${i}]`,
    expected: 'a Callback',
    received:
      callback instanceof Object ? `an object with ${Object.keys(callback).join(', ')}` : String(callback),
    fix: 'Write lambdaCallback({ onEpochEnd: … }), or a class that extends Callback.',
  })
