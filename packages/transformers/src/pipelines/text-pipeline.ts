import { ArgumentError, checkOptions, type optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Encoding } from '../tokenizers/encoding.ts'
import { longestText, type TextParts } from './parts.ts'
import { predictRows, type Row, type RunOptions } from './rows.ts'

/**
 * A task that is called like a function: with one input, with a list, which runs in batches, or with a stream (an async
 * iterable), whose results come as soon as each batch of it is done.
 */
export interface TextPipeline<In, Options, Out> extends TextParts {
  (input: In, options?: Options): Promise<Out>
  (inputs: readonly In[], options?: Options): Promise<readonly Out[]>
  (inputs: AsyncIterable<In>, options?: Options): AsyncGenerator<Out, void>
  /** Its name, such as `'text-classification'`. */
  readonly task: string
}

type OptionChecks<T> = ReturnType<ReturnType<typeof optionsOf<T>>>

/** What makes a task of a model that reads texts. */
export interface TextTask<In, Options extends RunOptions, Out> {
  readonly task: string
  readonly parts: TextParts
  readonly checks: OptionChecks<Options>
  /** The texts of an input, for those that are none, or empty, to be refused; undefined for what is no input. */
  texts(input: In): readonly unknown[] | undefined
  /** What an input is, for an error. */
  readonly expected: string
  /** The rows that the model reads of an input. */
  encode(input: In, options: Partial<Options>): readonly Encoding[]
  /** The result of an input's rows. */
  decode(rows: readonly Row[], input: In, options: Partial<Options>): Out
}

export const runChecks = { batchSize: checks.count, signal: checks.abortSignal }

/** How many faults an error lists. */
const listed = 5

/** The callable pipeline of a task. */
export function textPipeline<In, Options extends RunOptions, Out>(
  definition: TextTask<In, Options, Out>,
): TextPipeline<In, Options, Out> {
  const { task, parts } = definition
  const longest = longestText(parts)

  /** Everything that is wrong is found before the model runs. */
  async function results(inputs: readonly In[], options: Partial<Options>): Promise<readonly Out[]> {
    refuse(inputs.flatMap((input, i) => wrongTexts(input, i)))
    const encoded = inputs.map((input) => definition.encode(input, options))
    refuse(
      encoded.flatMap((rows, i) =>
        rows.flatMap(({ length }) =>
          length <= (longest ?? length) ? [] : [`input ${i} of ${length} tokens`],
        ),
      ),
      `Cut it off with truncation: true, which loses its end, or into parts.`,
    )
    const rows = await predictRows(parts, encoded.flat(), options, longest)
    let next = 0
    return inputs.map((input, i) => {
      const first = next
      next += (encoded[i] as readonly Encoding[]).length
      return definition.decode(rows.slice(first, next), input, options)
    })
  }

  function wrongTexts(input: In, i: number): readonly string[] {
    const texts = input === null || input === undefined ? undefined : definition.texts(input)
    if (texts === undefined) return [`input ${i}, which is ${input === null ? 'null' : typeof input}`]
    return texts.flatMap((text) => {
      if (typeof text !== 'string') return [`input ${i} with ${text === null ? 'null' : typeof text}`]
      return text.trim() === '' ? [`input ${i}, which is empty`] : []
    })
  }

  function refuse(faults: readonly string[], fix?: string): void {
    if (faults.length === 0) return
    const more = faults.length > listed ? ` and ${faults.length - listed} more` : ''
    throw new ArgumentError({
      where: task,
      expected: `${definition.expected}${longest === undefined ? '' : ` of at most ${longest} tokens`}`,
      received: `${faults.slice(0, listed).join('; ')}${more}`,
      ...(fix !== undefined && { fix }),
    })
  }

  async function* streamed(inputs: AsyncIterable<In>, options: Partial<Options>): AsyncGenerator<Out, void> {
    const { batchSize = 8 } = options
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
    checkOptions(task, options, definition.checks)
    if (isStream(given)) return streamed(given, options)
    if (isList(given)) return results(given, options)
    return results([given], options).then(([out]) => out)
  }
  return Object.assign(call, { task, ...parts })
}

const isList = <T>(given: T | readonly T[] | AsyncIterable<T>): given is readonly T[] => Array.isArray(given)

const isStream = <T>(given: T | readonly T[] | AsyncIterable<T>): given is AsyncIterable<T> =>
  typeof given === 'object' && given !== null && Symbol.asyncIterator in given
