import { type Loss, losses, type Tensor, tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { labelsOf } from '../layers/labels.ts'
import { predictRows, type Row } from '../pipelines/rows.ts'
import { largestAt } from '../pipelines/scores.ts'
import { multiLabelScores, regressionScores, singleLabelScores } from './classification-scores.ts'
import { RowFault, type Scores, type Task } from './task.ts'
import { withOutputs } from './task-model.ts'
import {
  checkedLength,
  described,
  recordOf,
  type TextExample,
  type TextTaskOptions,
  textInputs,
  textOf,
  textTaskChecks,
} from './text-batches.ts'

/** A text, or a pair of them, with its label. */
export interface ClassificationRow {
  readonly text: string
  /** A second text that the model sees with the first. */
  readonly textPair?: string | undefined
  /** A class, by its name in the model's configuration or its number; of a regression a number, or one for each target. */
  readonly label?: string | number | readonly number[] | undefined
  /** Where several classes hold: all that do, none included. */
  readonly labels?: readonly (string | number)[] | undefined
}

/** One class a text, any number of classes, or numbers: Hugging Face's `problem_type`. */
export type ProblemType = 'single_label_classification' | 'multi_label_classification' | 'regression'

export interface SequenceClassificationOptions extends TextTaskOptions {
  /** Default: the configuration's `problem_type`; without one a regression where the head gives one number, else one class. */
  readonly problemType?: ProblemType | undefined
}

const types = ['single_label_classification', 'multi_label_classification', 'regression'] as const
const optionChecks = optionsOf<SequenceClassificationOptions>()({
  ...textTaskChecks,
  problemType: checks.oneOf(...types),
})

/** What a problem type makes of labels. */
interface Problem {
  readonly loss: Loss
  readonly metrics: readonly string[]
  /** The numbers that a row's label is. @throws RowFault */
  readonly numbers: (row: Readonly<Record<string, unknown>>, labels: readonly string[]) => readonly number[]
  readonly batch: (labels: readonly (readonly number[])[]) => Tensor
  /** @param found logits of each row. */
  readonly scores: (expected: readonly (readonly number[])[], found: readonly Float32Array[]) => Scores
}

const problems: Readonly<Record<ProblemType, Problem>> = {
  single_label_classification: {
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ['accuracy'],
    numbers: ({ label }, labels) => [classOf('label', label, labels)],
    batch: (labels) => tensor(Int32Array.from(labels.flat())),
    scores: (expected, found) => singleLabelScores(expected.flat(), found.map(largestAt)),
  },
  multi_label_classification: {
    loss: losses.binaryCrossentropy({ fromLogits: true }),
    metrics: [],
    numbers: ({ labels: given }, labels) => {
      if (!Array.isArray(given)) throw new RowFault("a list of classes in 'labels'", described(given))
      const classes = new Set(given.map((label: unknown) => classOf('labels', label, labels)))
      return labels.map((_, i) => (classes.has(i) ? 1 : 0))
    },
    batch: floats,
    scores: (expected, found) =>
      multiLabelScores(
        expected,
        found.map((logits) => Array.from(logits, (logit) => (logit > 0 ? 1 : 0))),
      ),
  },
  regression: {
    loss: losses.meanSquaredError(),
    metrics: [],
    numbers: ({ label }, labels) => targetsOf(label, labels.length),
    batch: floats,
    scores: (expected, found) =>
      regressionScores(
        expected,
        found.map((values) => Array.from(values)),
      ),
  },
}

function floats(rows: readonly (readonly number[])[]): Tensor {
  return tensor(Float32Array.from(rows.flat())).reshape([rows.length, rows[0]?.length ?? 0])
}

/** The number of a class that is named, or numbered; tables have numbers as text. @throws RowFault */
export function classOf(name: string, label: unknown, labels: readonly string[]): number {
  if (typeof label === 'string') {
    const named = labels.indexOf(label)
    if (named >= 0) return named
  }
  const isNumeral = typeof label === 'string' && /^\d+$/.test(label.trim())
  const number = isNumeral ? Number(label) : label
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < labels.length)
    return number
  const shown = labels.length > 8 ? [...labels.slice(0, 8), '…'] : labels
  throw new RowFault(
    `a class of the model in '${name}' (${shown.join(', ')}, or 0 to ${labels.length - 1})`,
    described(label),
  )
}

function targetsOf(label: unknown, count: number): readonly number[] {
  const given = Array.isArray(label) ? label : [label]
  const numbers = given.map((value: unknown) =>
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value,
  )
  if (numbers.length === count && numbers.every((value): value is number => Number.isFinite(value)))
    return numbers
  throw new RowFault(count === 1 ? "a number in 'label'" : `${count} numbers in 'label'`, described(label))
}

type Example = TextExample<readonly number[]>

/**
 * A class, several classes or numbers for each text or pair of texts. Rows are `{ text, label }`, with `textPair` for a
 * second text, and `labels` where several classes hold. Classes go by their names in the model's configuration
 * (`id2label`), or by number.
 *
 * Scores: accuracy and macro F1; of several labels accuracy of whole rows, micro and macro F1; of a regression mean squared
 * and absolute errors and R².
 *
 * @example
 * const task = sequenceClassification({ tokenizer, truncation: true, maxLength: 128 })
 * await finetune(model, [{ text: 'A great film.', label: 'good' }], { task })
 */
export function sequenceClassification(
  options: SequenceClassificationOptions,
): Task<ClassificationRow, Example, PretrainedModel> {
  const name = 'sequence classification'
  checkOptions(name, options, optionChecks)
  const { tokenizer, truncation = false } = options
  return {
    name,
    prepare(model) {
      const longest = checkedLength(name, model, options, ['logits'])
      const config = new ConfigReader(model.config)
      const labels = labelsOf(config)
      const usual = labels.length === 1 ? 'regression' : 'single_label_classification'
      const type = options.problemType ?? config.oneOf('problem_type', types, usual)
      const problem = problems[type]
      return {
        trained: withOutputs(model, ['logits']),
        compile: { loss: { logits: problem.loss }, metrics: { logits: problem.metrics } },
        longest,
        truncates: truncation,
        encode(given) {
          const row = recordOf(given)
          const text = textOf(row, 'text')
          const pair = row.textPair == null ? undefined : textOf(row, 'textPair')
          const label = problem.numbers(row, labels)
          const whole = tokenizer.encode(text, pair)
          const tooLong = whole.length > (longest ?? whole.length) ? whole.length : undefined
          const encoding =
            tooLong !== undefined && truncation && longest !== undefined
              ? tokenizer.encode(text, pair, { truncation: true, maxLength: longest })
              : whole
          return { row: row as unknown as ClassificationRow, examples: [{ encoding, label }], tooLong }
        },
        lengthOf: ({ encoding }) => encoding.length,
        collate(examples) {
          const { inputs } = textInputs(
            model,
            tokenizer,
            examples.map(({ encoding }) => encoding),
            longest,
          )
          return [inputs, { logits: problem.batch(examples.map(({ label }) => label)) }]
        },
        async evaluate(samples, { batchSize, signal }) {
          const examples = samples.flatMap((sample) => sample.examples)
          const encodings = examples.map(({ encoding }) => encoding)
          const rows: readonly Row[] = await predictRows(
            { model, tokenizer },
            encodings,
            { batchSize, signal },
            longest,
          )
          return problem.scores(
            examples.map(({ label }) => label),
            rows.map((row) => row.whole('logits')),
          )
        },
      }
    },
  }
}
