import { losses, ops, type Tensor, tensor } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { NetworkContext } from '../layers/network.ts'
import { squad, squadV2 } from '../metrics/squad.ts'
import { questionAnswering as answering } from '../pipelines/question-answering.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import { RowFault, type Task } from './task.ts'
import { TaskModel } from './task-model.ts'
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

/** A question about a text that its answer stands in. */
export interface QuestionRow {
  readonly question: string
  readonly context: string
  /**
   * What is right; the first one is learnt. An empty list where the text has no answer. Places count UTF-16 units, as
   * `context.slice` does; in the form of SQuAD's files, `{ text: […], answer_start: […] }`, they count code points, as Python
   * does.
   */
  readonly answers:
    | readonly { readonly text: string; readonly start: number }[]
    | { readonly text: readonly string[]; readonly answer_start: readonly number[] }
}

export interface QuestionAnsweringTaskOptions extends Omit<TextTaskOptions, 'truncation'> {
  /** How many tokens neighbouring windows of a long text share. Default 128, or half of `maxLength` where that is less. */
  readonly stride?: number
  /** How many tokens an answer has at most when the model is scored. Default 30. */
  readonly maxAnswerLength?: number
}

const { truncation: _, ...sharedChecks } = textTaskChecks
const optionChecks = optionsOf<QuestionAnsweringTaskOptions>()({
  ...sharedChecks,
  stride: checks.wholeFrom(0),
  maxAnswerLength: checks.count,
})

/** The places of the answer's first and last token; the first token of all where the window does not have it. */
type Example = TextExample<readonly [first: number, last: number]>

interface Answer {
  readonly text: string
  readonly start: number
}

/** A row whose answers are in typegrad's own form. */
interface Question extends QuestionRow {
  readonly answers: readonly Answer[]
}

/** The most tokens of a window where nothing is said, as in transformers. */
const usualLength = 384

/**
 * The passage of a text that answers a question. Rows are `{ question, context, answers }`. Long texts are cut into windows that
 * overlap; in those without the whole answer, the model learns to point at the first token.
 *
 * Scores: exact match and F1 of the words, 0 to 100, as SQuAD's script counts them; by its version 2 where some questions have
 * no answer.
 *
 * Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250; Devlin et al. 2018, https://arxiv.org/abs/1810.04805, section 4.2
 *
 * @example
 * const task = questionAnswering({ tokenizer, maxLength: 256, stride: 64 })
 * const row = { question: 'Where did Ada live?', context: 'Ada lived in London.', answers: [{ text: 'London', start: 13 }] }
 * await finetune(model, [row], { task })
 */
export function questionAnswering(
  options: QuestionAnsweringTaskOptions,
): Task<QuestionRow, Example, PretrainedModel> {
  const name = 'question answering'
  checkOptions(name, options, optionChecks)
  const { tokenizer, maxAnswerLength = 30 } = options
  return {
    name,
    prepare(model) {
      const longest = checkedLength(name, model, options, ['start_logits', 'end_logits'])
      const maxLength = options.maxLength ?? Math.min(usualLength, longest ?? usualLength)
      const { stride = Math.min(128, Math.floor(maxLength / 2)) } = options
      if (stride >= maxLength) {
        throw new ArgumentError({
          where: `${name}: stride`,
          expected: `fewer tokens than a window has (${maxLength})`,
          received: String(stride),
        })
      }
      const ask = answering({ model, tokenizer })
      const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true })
      return {
        trained: new TaskModel(model, ['start_logits', 'end_logits'], { change: withoutPadding }),
        compile: {
          loss: { start_logits: loss, end_logits: loss },
          lossWeights: { start_logits: 0.5, end_logits: 0.5 },
        },
        longest: maxLength,
        truncates: true,
        encode(given) {
          const row = readRow(recordOf(given))
          const { question, context, answers } = row
          const room = maxLength - tokenizer.specialTokenCount(true) - tokenizer.tokenize(question).length
          if (room <= stride) {
            throw new RowFault(
              `a question that leaves more than ${stride} of ${maxLength} tokens to its text`,
              `one that leaves ${room}`,
            )
          }
          const first = tokenizer.encode(question, context, { truncation: 'only_second', maxLength, stride })
          const windows = [first, ...first.overflowing]
          return {
            row,
            examples: windows.map((encoding) => ({ encoding, label: placesOf(encoding, answers[0]) })),
          }
        },
        lengthOf: ({ encoding }) => encoding.length,
        collate(examples) {
          const encodings = examples.map(({ encoding }) => encoding)
          const { inputs } = textInputs(model, tokenizer, encodings, maxLength)
          const places = (which: 0 | 1) => tensor(Int32Array.from(examples, ({ label }) => label[which]))
          return [inputs, { start_logits: places(0), end_logits: places(1) }]
        },
        async evaluate(samples, { batchSize, signal }) {
          // Every row is a Question: encode made them.
          const rows = samples.map(({ row }) => row as Question)
          const handleImpossibleAnswer = rows.some(({ answers }) => answers.length === 0)
          const found = await ask(
            rows.map(({ question }) => question),
            rows.map(({ context }) => context),
            { maxAnswerLength, handleImpossibleAnswer, maxLength, stride, batchSize, signal },
          )
          const predictions = found.map(([best]) => best?.answer ?? '')
          const right = rows.map(({ answers }) => answers.map(({ text }) => text))
          const { exactMatch, f1 } = handleImpossibleAnswer
            ? squadV2(predictions, right)
            : squad(predictions, right)
          return { exactMatch, f1 }
        },
      }
    },
  }
}

/** No answer stands in padding, so that a text is what it would be alone. (batch, length) */
const withoutPadding = (scores: Tensor, { attentionMask }: NetworkContext): Tensor =>
  attentionMask === undefined ? scores : ops.where(attentionMask.cast('bool'), scores, -1e9)

function readRow(row: Readonly<Record<string, unknown>>): Question {
  const [question, context] = [textOf(row, 'question'), textOf(row, 'context')]
  const answers = answersOf(row.answers, context)
  for (const { text, start } of answers) {
    if (text !== '' && context.startsWith(text, start)) continue
    throw new RowFault(
      "answers that stand in 'context' where they say",
      `${described(text)} at ${start}, where there is ${described(context.slice(start, start + text.length))}`,
    )
  }
  return { question, context, answers }
}

function answersOf(given: unknown, context: string): readonly Answer[] {
  const fault = () =>
    new RowFault(
      "a list of { text, start } in 'answers', or SQuAD's { text: […], answer_start: […] }",
      described(given),
    )
  if (Array.isArray(given)) {
    return given.map((one: unknown) => {
      const { text, start } = (one ?? {}) as Partial<Answer>
      if (typeof text !== 'string' || !isPlace(start)) throw fault()
      return { text, start }
    })
  }
  const { text, answer_start: starts } = (given ?? {}) as {
    readonly text?: unknown
    readonly answer_start?: unknown
  }
  if (!Array.isArray(text) || !Array.isArray(starts) || text.length !== starts.length) throw fault()
  return text.map((one: unknown, i) => {
    const start: unknown = starts[i]
    if (typeof one !== 'string' || !isPlace(start)) throw fault()
    return { text: one, start: unitsOf(context, start) }
  })
}

const isPlace = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/** How many UTF-16 units so many code points of a text are. */
function unitsOf(text: string, points: number): number {
  let units = 0
  for (let i = 0; i < points && units < text.length; i++)
    units += (text.codePointAt(units) as number) > 0xffff ? 2 : 1
  return units
}

/** The tokens of a window that the answer begins and ends in; the first token twice where not all of it is in the window. */
function placesOf(
  { starts, ends, sequenceIds }: Encoding,
  answer: Answer | undefined,
): readonly [number, number] {
  const none = [0, 0] as const
  if (answer === undefined) return none
  const [from, to] = [answer.start, answer.start + answer.text.length]
  const first = sequenceIds.indexOf(1)
  const last = sequenceIds.lastIndexOf(1)
  if (first < 0 || (starts[first] as number) > from || (ends[last] as number) < to) return none
  let [begin, end] = [first, last]
  // The last token that begins at the answer's beginning or before it, the first that ends at its end or behind it.
  while (begin < last && (starts[begin + 1] as number) <= from) begin++
  while (end > first && (ends[end - 1] as number) >= to) end--
  return [begin, end]
}
