import { describe } from '../base/describe.ts'
import { ArgumentError } from '../base/errors.ts'
import { checked, type OptionChecks } from '../base/options.ts'
import type { BatchStream, Data, EvaluateOptions, TrainingData } from './fit-options.ts'
import { isStream } from './stream-source.ts'

/**
 * What `fit` and `evaluate` are called with, told apart: `fit(x, y, options)` or `fit(stream, options)`.
 *
 * @throws ArgumentError for options that are none, labels beside a stream, and samples without.
 */
export function trainingArguments<O extends Pick<EvaluateOptions, 'sampleWeight'>>(
  where: 'fit' | 'evaluate',
  checks: OptionChecks<O>,
  x: Data | BatchStream,
  second: Data | O | null | undefined,
  third: O | undefined,
): { readonly data: TrainingData; readonly options: O } {
  if (!isStream(x)) {
    const options = checked(where, third ?? ({} as O), checks)
    if (second === undefined) throw withoutLabels(where)
    return { data: [x, second as Data | null, options.sampleWeight], options }
  }
  if (second != null && third !== undefined) {
    throw new ArgumentError({
      where,
      expected: 'a stream of batches [x, y] and options',
      received: `a stream, ${describe(second)} and options`,
      fix: `Leave out the labels: ${where}(stream, options).`,
    })
  }
  return { data: x, options: checked(where, (second ?? third ?? {}) as O, checks) }
}

const withoutLabels = (where: string): ArgumentError =>
  new ArgumentError({
    where,
    expected: 'labels y beside x',
    received: 'none',
    fix: `Call model.${where}(x, y, options).`,
  })
