/**
 * `data/stages/`: what a data set does with its elements, a stage a file. They know elements and nothing of tensors'
 * graphs.
 */
import { StateError } from '../../base/errors.ts'
import { type Check, list, object, optional, whole } from '../../base/schema.ts'

/** Gives what a stage makes, as many elements at a time as the next stage asks for. One call at a time. */
export interface Reader<T> {
  /**
   * The next `count` elements, in an array of the caller's own; fewer of them only at the end, and none behind it.
   * No more is taken from the stages before than these need.
   */
  read(count: number): Promise<T[]>
  /** Lets go of what the reading has opened. */
  close(): Promise<void>
}

/** What a stage knows from reading to reading, and the stages before it. */
export interface StageState {
  /** How often a stage whose readings differ has been read. */
  readonly readings: number
  /** Number of elements of what is repeated, once it is known; 0 where passes differ. */
  readonly length?: number | undefined
  readonly inputs: readonly StageState[]
}

/** What is read from a backup is such a state. */
export const stageState: Check<StageState> = (value, at) =>
  object({ readings: whole(), length: optional(whole()), inputs: list(stageState) })(value, at)

/** One step of what is done to samples on their way: it reads the stages before it, anew for each reading of its own. */
export interface Stage<T> {
  /** Begins a reading behind the first elements. Nothing happens before the reader is asked. */
  open(skipped: number): Reader<T>
  state(): StageState
  /** A state from before, with the lengths that have become known. */
  withLengths(state: StageState): StageState
  /** @throws StateError for the state of other stages. */
  restore(state: StageState): void
  /** As if it had been read so many times. */
  advance(readings: number): void
}

/** Begins a reading behind the first elements; called when the next stage asks for the first of the others. */
type Start<T> = (skipped: number, own: InnerStage<T>) => Reader<T>

/** A stage over others, which knows how often it was read. */
export class InnerStage<T> implements Stage<T> {
  readonly #inputs: readonly Stage<unknown>[]
  readonly #start: Start<T>
  /** How often each reading of this stage reads those before it. */
  readonly #passes: number
  readings = 0
  length: number | undefined
  /** In a cache, the states from which the stages before it made what it keeps. */
  cached: readonly StageState[] | undefined

  constructor(inputs: readonly Stage<unknown>[], start: Start<T>, passes = 1) {
    this.#inputs = inputs
    this.#start = start
    this.#passes = passes
  }

  open(skipped: number): Reader<T> {
    let reader: Reader<T> | undefined
    return {
      read: (count) => {
        reader ??= this.#start(skipped, this)
        return reader.read(count)
      },
      close: async () => {
        await reader?.close()
      },
    }
  }

  state(): StageState {
    const inputs = this.cached ?? this.#inputs.map((input) => input.state())
    return { readings: this.readings, length: this.length, inputs }
  }

  withLengths(state: StageState): StageState {
    const inputs = this.#inputs.map((input, i) => input.withLengths(state.inputs[i] as StageState))
    return { ...state, length: this.length, inputs }
  }

  restore(state: StageState): void {
    if (state.inputs.length !== this.#inputs.length) {
      throw new StateError({
        where: 'Dataset.iterate',
        expected: `the state of a stage over ${this.#inputs.length} others, as in this data set`,
        received: `one over ${state.inputs.length}`,
        fix: 'Make the data set as it was made when the state was kept.',
      })
    }
    this.readings = state.readings
    this.length = state.length
    this.#inputs.forEach((input, i) => {
      input.restore(state.inputs[i] as StageState)
    })
  }

  advance(readings: number): void {
    if (readings === 0) return
    this.readings += readings
    for (const input of this.#inputs) input.advance(readings * this.#passes)
  }
}

/** Elements that are read at once where they are only passed over. */
const stride = 1 << 12

/** What a reader gives behind its first elements, for stages that have to look at these. */
export function behind<T>(skipped: number, reader: Reader<T>): Reader<T> {
  let left = skipped
  return {
    async read(count) {
      while (left > 0) {
        const wanted = Math.min(left, stride)
        const { length } = await reader.read(wanted)
        left = length < wanted ? 0 : left - length
      }
      return reader.read(count)
    },
    close: () => reader.close(),
  }
}
