import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { runChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import type { RunOptions } from './rows.ts'
import { type LabelScore, modelLabels, ranked, softmax } from './scores.ts'
import { type TextPipeline, textPipeline } from './text-pipeline.ts'

export interface ZeroShotOptions extends RunOptions {
  /** The sentence that a label is put into, in the place of `{}`. Default `'This example is {}.'`. */
  readonly hypothesisTemplate?: string
  /** Whether several labels may hold: then each is scored alone, else the scores add up to 1. Default false. */
  readonly multiLabel?: boolean
}

const optionChecks = optionsOf<ZeroShotOptions>()({
  hypothesisTemplate: {
    expected: "a text with '{}' for the label",
    accepts: (value) => typeof value === 'string' && value.includes('{}'),
  },
  multiLabel: checks.boolean,
  ...runChecks,
})

/** Which of any labels a text is of: for each text all of them, the likeliest first. */
export interface ZeroShotClassifier extends TextParts {
  (text: string, labels: readonly string[], options?: ZeroShotOptions): Promise<readonly LabelScore[]>
  (
    texts: readonly string[],
    labels: readonly string[],
    options?: ZeroShotOptions,
  ): Promise<readonly (readonly LabelScore[])[]>
  (
    texts: AsyncIterable<string>,
    labels: readonly string[],
    options?: ZeroShotOptions,
  ): AsyncGenerator<readonly LabelScore[], void>
  readonly task: string
}

const task = 'zero-shot-classification'

/**
 * Yin et al. 2019, "Benchmarking Zero-shot Text Classification", https://arxiv.org/abs/1909.00161: a model that was trained to
 * tell what follows from a text is asked for each label whether "This example is …" does.
 *
 * @throws ArgumentError for a model without a class for what follows.
 */
export function zeroShotClassification(parts: TextParts): ZeroShotClassifier {
  const classes = modelLabels(parts)
  const entailment = classes.findIndex((label) => label.toLowerCase().startsWith('entail'))
  if (entailment < 0) {
    throw new ArgumentError({
      where: `pipeline: ${task}`,
      expected: "a model of natural language inference: a class whose label begins with 'entail'",
      received: classes.join(', '),
    })
  }
  const contradiction = entailment === 0 ? classes.length - 1 : 0
  const { tokenizer } = parts
  const longest = longestText(parts)

  function withLabels(
    labels: readonly string[],
  ): TextPipeline<string, ZeroShotOptions, readonly LabelScore[]> {
    checkLabels(task, labels)
    return textPipeline<string, ZeroShotOptions, readonly LabelScore[]>({
      task,
      parts,
      checks: optionChecks,
      expected: 'texts',
      texts: (text) => [text],
      encode: (text, { hypothesisTemplate = 'This example is {}.' }) =>
        labels.map((label) =>
          tokenizer.encode(
            text,
            hypothesisTemplate.replace('{}', () => label),
            {
              truncation: longest !== undefined && 'only_first',
              ...(longest !== undefined && { maxLength: longest }),
            },
          ),
        ),
      decode(rows, _, { multiLabel = false }) {
        const logits = rows.map((row) => row.whole('logits'))
        const scores =
          multiLabel || labels.length === 1
            ? logits.map((x) => softmax([x[contradiction] as number, x[entailment] as number])[1] as number)
            : softmax(logits.map((x) => x[entailment] as number))
        return ranked(scores).map((i) => ({ label: labels[i] as string, score: scores[i] as number }))
      },
    })
  }

  function call(
    text: string,
    labels: readonly string[],
    options?: ZeroShotOptions,
  ): Promise<readonly LabelScore[]>
  function call(
    texts: readonly string[],
    labels: readonly string[],
    options?: ZeroShotOptions,
  ): Promise<readonly (readonly LabelScore[])[]>
  function call(
    texts: AsyncIterable<string>,
    labels: readonly string[],
    options?: ZeroShotOptions,
  ): AsyncGenerator<readonly LabelScore[], void>
  function call(
    given: string | readonly string[] | AsyncIterable<string>,
    labels: readonly string[],
    options?: ZeroShotOptions,
  ) {
    const classify = withLabels(labels)
    if (typeof given === 'string') return classify(given, options)
    const isStream = typeof given === 'object' && given !== null && Symbol.asyncIterator in given
    return isStream ? classify(given, options) : classify(given, options)
  }
  return Object.assign(call, { task, ...parts })
}

/** @throws ArgumentError for labels that are none. */
export function checkLabels(where: string, labels: readonly string[]): void {
  const isList = Array.isArray(labels) && labels.length > 0
  if (isList && labels.every((label) => typeof label === 'string' && label.trim() !== '')) return
  throw new ArgumentError({
    where: `${where}: labels`,
    expected: 'a list of at least one label',
    received: JSON.stringify(labels) ?? 'none',
  })
}
