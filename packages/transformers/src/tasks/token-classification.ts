import { losses } from 'typegrad'
import { checkOptions } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { ignoredLabel, labelsOf } from '../layers/labels.ts'
import { entityScores } from '../metrics/entity-scores.ts'
import { predictRows } from '../pipelines/rows.ts'
import { largestAt } from '../pipelines/scores.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import { classOf } from './sequence-classification.ts'
import { RowFault, type Scores, type Task } from './task.ts'
import { withOutputs } from './task-model.ts'
import {
  checkedLength,
  described,
  positionLabels,
  recordOf,
  type TextExample,
  type TextTaskOptions,
  textInputs,
  textTaskChecks,
} from './text-batches.ts'

/** A text in words, with a class for each: mostly IOB2's, such as `B-PER`, `I-PER` and `O`. */
export interface TokenRow {
  readonly tokens: readonly string[]
  /** Names of the model's classes, or their numbers; −100 for a word that does not count. */
  readonly labels: readonly (string | number)[]
}

export type TokenClassificationTaskOptions = TextTaskOptions

/** A label for each token of the encoding, −100 for all but the first of each word. */
type Example = TextExample<readonly number[]>

/**
 * A class for each word, such as names of people and places. Rows are `{ tokens, labels }`. Words are joined by spaces, so that
 * the model reads them as it reads texts; the first token of a word has the word's label, the others none.
 *
 * Scores: accuracy over the words, and, where all classes but `O` begin with a letter and a hyphen, precision, recall and F1
 * of whole entities as seqeval counts them.
 *
 * @example
 * const task = tokenClassification({ tokenizer })
 * await finetune(model, [{ tokens: ['Ada', 'lived', 'in', 'London'], labels: ['B-PER', 'O', 'O', 'B-LOC'] }], { task })
 */
export function tokenClassification(
  options: TokenClassificationTaskOptions,
): Task<TokenRow, Example, PretrainedModel> {
  const name = 'token classification'
  checkOptions(name, options, textTaskChecks)
  const { tokenizer, truncation = false } = options
  return {
    name,
    prepare(model) {
      const longest = checkedLength(name, model, options, ['logits'])
      const labels = labelsOf(new ConfigReader(model.config))
      return {
        trained: withOutputs(model, ['logits']),
        compile: {
          loss: {
            logits: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: ignoredLabel }),
          },
        },
        longest,
        truncates: truncation,
        encode(given) {
          const { tokens, classes } = readRow(recordOf(given), labels)
          const text = tokens.join(' ')
          const whole = tokenizer.encode(text)
          const tooLong = whole.length > (longest ?? whole.length) ? whole.length : undefined
          const encoding =
            tooLong !== undefined && truncation && longest !== undefined
              ? tokenizer.encode(text, undefined, { truncation: true, maxLength: longest })
              : whole
          const label = wordsOf(encoding, tokens).map((word) =>
            word === undefined ? ignoredLabel : (classes[word] as number),
          )
          return { row: { tokens, labels: classes }, examples: [{ encoding, label }], tooLong }
        },
        lengthOf: ({ encoding }) => encoding.length,
        collate(examples) {
          const encodings = examples.map(({ encoding }) => encoding)
          const { inputs, length } = textInputs(model, tokenizer, encodings, longest)
          return [
            inputs,
            {
              logits: positionLabels(
                examples.map(({ label }) => label),
                length,
              ),
            },
          ]
        },
        async evaluate(samples, { batchSize, signal }) {
          const examples = samples.flatMap((sample) => sample.examples)
          const encodings = examples.map(({ encoding }) => encoding)
          const rows = await predictRows({ model, tokenizer }, encodings, { batchSize, signal }, longest)
          const named = (list: readonly number[], { label }: Example): readonly string[] =>
            list.filter((_, i) => label[i] !== ignoredLabel).map((one) => labels[one] as string)
          return scoresOf(
            rows.map((row, i) => named(row.tokens('logits').map(largestAt), examples[i] as Example)),
            examples.map((example) => named(example.label, example)),
            labels,
          )
        },
      }
    },
  }
}

function readRow(
  { tokens, labels }: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { readonly tokens: readonly string[]; readonly classes: readonly number[] } {
  if (!Array.isArray(tokens) || tokens.length === 0) {
    throw new RowFault("a list of words in 'tokens'", described(tokens))
  }
  const words = tokens.map((word: unknown) => {
    if (typeof word === 'string' && word.trim() !== '') return word
    throw new RowFault("words in 'tokens'", described(word))
  })
  if (!Array.isArray(labels) || labels.length !== words.length) {
    const received = Array.isArray(labels) ? `${labels.length} labels` : described(labels)
    throw new RowFault(`a label in 'labels' for each of ${words.length} words`, received)
  }
  return {
    tokens: words,
    classes: labels.map((label: unknown) =>
      label === ignoredLabel ? ignoredLabel : classOf('labels', label, names),
    ),
  }
}

/** Which word each token is the first of, of the text that the words are joined to by spaces; undefined for all others. */
function wordsOf(
  { starts, specialTokensMask }: Encoding,
  words: readonly string[],
): readonly (number | undefined)[] {
  let word = 0
  let end = words[0]?.length ?? 0
  let last: number | undefined
  return starts.map((start, i) => {
    if (specialTokensMask[i] === 1) return undefined
    // The space before a word is the word's.
    while (start >= end && word < words.length - 1) end += 1 + (words[++word] as string).length
    const isFirst = word !== last
    last = word
    return isFirst ? word : undefined
  })
}

function scoresOf(
  found: readonly (readonly string[])[],
  expected: readonly (readonly string[])[],
  labels: readonly string[],
): Scores {
  const { accuracy, micro } = entityScores(found, expected)
  const areEntities = labels.every((label) => label === 'O' || /^[A-Z]-./.test(label))
  if (!areEntities) return { accuracy }
  return { accuracy, precision: micro.precision, recall: micro.recall, f1: micro.f1 }
}
