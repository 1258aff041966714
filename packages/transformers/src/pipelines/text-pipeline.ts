import { ArgumentError } from 'typegrad/core'
import type { Encoding } from '../tokenizers/encoding.ts'
import { type BatchedCall, batched, type OptionChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import { predictRows, type Row, type RunOptions } from './rows.ts'

/** A task of texts. */
export interface TextPipeline<In, Options, Out> extends BatchedCall<In, Options, Out>, TextParts {
  /** Its name, such as `'text-classification'`. */
  readonly task: string
}

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

  return Object.assign(batched(task, definition.checks, results), { task, ...parts })
}
