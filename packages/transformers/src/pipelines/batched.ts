import { checkOptions, type optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RunOptions } from './rows.ts'

/**
 * Called like a function: with one input, with a list, which runs in batches, or with a stream (an async iterable), whose
 * results come as soon as each batch of it is done.
 */
export interface BatchedCall<In, Options, Out> {
  (input: In, options?: Options): Promise<Out>
  (inputs: readonly In[], options?: Options): Promise<readonly Out[]>
  (inputs: AsyncIterable<In>, options?: Options): AsyncGenerator<Out, void>
}

export type OptionChecks<T> = ReturnType<ReturnType<typeof optionsOf<T>>>

export const runChecks = { batchSize: checks.count, signal: checks.abortSignal }

/** How many inputs run at once where nothing is said. */
export const usualBatch = 8

/**
 * A call of one, of several, and of a stream, of what is done with a list.
 *
 * @param results in the order of the inputs; it makes batches itself.
 */
export function batched<In, Options extends RunOptions, Out>(
  task: string,
  optionChecks: OptionChecks<Options>,
  results: (inputs: readonly In[], options: Partial<Options>) => Promise<readonly Out[]>,
): BatchedCall<In, Options, Out> {
  async function* streamed(inputs: AsyncIterable<In>, options: Partial<Options>): AsyncGenerator<Out, void> {
    const { batchSize = usualBatch } = options
    let waiting: In[] = []
    for await (const input of inputs) {
      waiting.push(input)
      if (waiting.length < batchSize) continue
      yield* await results(waiting, options)
      waiting = []
    }
    yield* await results(waiting, options)
  }

  function call(input: In, options?: Options): Promise<Out>
  function call(inputs: readonly In[], options?: Options): Promise<readonly Out[]>
  function call(inputs: AsyncIterable<In>, options?: Options): AsyncGenerator<Out, void>
  function call(given: In | readonly In[] | AsyncIterable<In>, options: Partial<Options> = {}) {
    checkOptions(task, options, optionChecks)
    if (isStream(given)) return streamed(given, options)
    if (isList(given)) return results(given, options)
    return results([given], options).then(([out]) => out)
  }
  return call
}

const isList = <T>(given: T | readonly T[] | AsyncIterable<T>): given is readonly T[] => Array.isArray(given)

const isStream = <T>(given: T | readonly T[] | AsyncIterable<T>): given is AsyncIterable<T> =>
  typeof given === 'object' && given !== null && Symbol.asyncIterator in given
