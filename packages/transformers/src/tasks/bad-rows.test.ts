import { expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { finetune } from '../finetune/finetune.ts'
import { modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { dataOf } from '../testing/golden.ts'
import { smallGPT2 } from '../testing/small-gpt2.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import * as tasks from './index.ts'

const golden = readTrainings()
const { template = '' } = golden.cases.chats ?? {}
const long = Array(60).fill('film').join(' ')

/** Of each task: a model that has learnt it, rows that it cannot learn from, and what is said of them. */
const refused: Readonly<
  Record<
    string,
    {
      readonly model?: string
      // biome-ignore lint/suspicious/noExplicitAny: rows and examples of all tasks
      readonly task: (tokenizer: Tokenizer) => tasks.Task<any, any, any>
      readonly rows: readonly unknown[]
      readonly told: RegExp
    }
  >
> = {
  'a class that the head does not have': {
    model: 'single',
    task: (tokenizer) => tasks.sequenceClassification({ tokenizer }),
    rows: [
      { text: 'good', label: -1 },
      { text: 'good', label: 2 },
      { text: 'good', label: 1.5 },
      { text: 'good' },
    ],
    told: /3 of 4 .*row 0: expected a class of the model in 'label' \(bad, neutral, good, or 0 to 2\), received -1; .*row 2: .*received 1\.5; .*row 3: .*received none/,
  },
  'one of several classes': {
    model: 'multi',
    task: (tokenizer) => tasks.sequenceClassification({ tokenizer }),
    rows: [
      { text: 'good', labels: ['art', 'music'] },
      { text: 'good', labels: [3] },
      { text: 'good', label: 1 },
    ],
    told: /3 of 3 .*row 0: expected a class of the model in 'labels' \(art, work, place, or 0 to 2\), received "music"; .*row 1: .*received 3; .*row 2: expected a list of classes in 'labels', received none/,
  },
  'what is no number': {
    model: 'regression',
    task: (tokenizer) => tasks.sequenceClassification({ tokenizer }),
    rows: [
      { text: 'good', label: Number.NaN },
      { text: 'good', label: 'much' },
      { text: 'good', label: [1, 2] },
    ],
    told: /3 of 3 .*row 0: expected a number in 'label', received .*; .*row 1: .*received "much"; .*row 2: /,
  },
  'labels of words': {
    model: 'tokens',
    task: (tokenizer) => tasks.tokenClassification({ tokenizer }),
    rows: [
      { tokens: ['Anna', 'lives'], labels: ['B-ORG', 'O'] },
      { tokens: ['Anna', 'lives'], labels: [5, 0] },
      { tokens: ['Anna', 'lives'], labels: ['O'] },
      { tokens: ['Anna', 'lives'], labels: [-100, 'O'] },
    ],
    told: /3 of 4 .*row 0: expected a class of the model in 'labels' \(O, B-PER, I-PER, B-LOC, I-LOC, or 0 to 4\), received "B-ORG"; .*row 1: .*received 5; .*row 2: expected a label in 'labels' for each of 2 words, received 1 labels/,
  },
  'answers that stand elsewhere': {
    model: 'answers',
    task: (tokenizer) => tasks.questionAnswering({ tokenizer, maxLength: 32, stride: 8 }),
    rows: [
      { question: 'where ?', context: 'in berlin .', answers: [{ text: 'berlin', start: 4 }] },
      { question: 'where ?', context: 'in berlin .', answers: [{ text: 'berlin', start: 99 }] },
      { question: 'where ?', context: 'in berlin .', answers: [{ text: '', start: 0 }] },
      { question: 'where ?', context: 'in berlin .', answers: { text: ['berlin'], answer_start: [] } },
      { question: 'where ?', context: 'in berlin .', answers: [{ text: 'berlin', start: 3 }] },
    ],
    told: /4 of 5 .*row 0: expected answers that stand in 'context' where they say, received "berlin" at 4, where there is "erlin "; .*row 1: .*at 99, where there is ""; .*row 2: .*; .*row 3: expected a list of \{ text, start \}/,
  },
  'a question that leaves no room': {
    model: 'answers',
    task: (tokenizer) => tasks.questionAnswering({ tokenizer, maxLength: 32, stride: 8 }),
    rows: [{ question: long, context: 'in berlin .', answers: [] }],
    told: /a question that leaves more than 8 of 32 tokens to its text, received one that leaves -31/,
  },
  'words that are too many': {
    model: 'tokens',
    task: (tokenizer) => tasks.tokenClassification({ tokenizer }),
    rows: [{ tokens: long.split(' '), labels: Array(60).fill('O') }],
    told: /rows of at most 48 tokens, which the model reads, received 1 of 1 that are longer, the longest data, row 0 with 62/,
  },
  'texts that are too long to be written again': {
    model: 'bart',
    task: (tokenizer) => tasks.sequenceToSequence({ tokenizer }),
    rows: [
      { source: long, target: 'good' },
      { source: 'good', target: long },
    ],
    told: /rows of at most 48 tokens, which the model reads, received 2 of 2 that are longer/,
  },
  'chats that are too long': {
    model: 'chats',
    task: (tokenizer) => tasks.instructionTuning({ tokenizer, template, maxLength: 48 }),
    rows: [
      {
        messages: [
          { role: 'user', content: long },
          { role: 'assistant', content: 'in berlin .' },
        ],
      },
    ],
    told: /rows of at most 48 tokens, which the model reads, received 1 of 1 that are longer/,
  },
  'answers that are equal, unknown or too long to be preferred': {
    task: () => tasks.preference(),
    rows: [
      { prompt: [1], chosen: [2, 3], rejected: [2, 3] },
      { prompt: [1], chosen: [2], rejected: [99] },
      { prompt: [1], chosen: Array(32).fill(2), rejected: [3] },
    ],
    told: /3 of 3 .*row 0: .*two answers that are the same; .*row 1: .*rejected: the id 99 in its answer; .*row 2: .*chosen: 33 tokens/,
  },
  'the same for rewards': {
    model: 'judge',
    task: () => tasks.rewardModel(),
    rows: [{ prompt: [1], chosen: [2, 3], rejected: [2, 3] }],
    told: /row 0: .*two answers that are the same/,
  },
  'judgements that are none': {
    task: () => tasks.kto(),
    rows: [
      { prompt: [1], answer: [2], desirable: 'yes' },
      { prompt: [1], answer: [99], desirable: true },
    ],
    told: /2 of 2 .*row 0: expected true or false in 'desirable', received yes; .*row 1: .*the id 99/,
  },
}

const decoder = { ...smallGPT2, vocab_size: 20, n_positions: 32, n_layer: 1, n_embd: 16, n_head: 2 }

test.each(Object.entries(refused))(
  '%s: told with their places before the first step',
  async (_, { model: name = 'decoder', task, rows, told }) => {
    const { model, tokenizer } =
      name in golden.models && name !== 'decoder'
        ? await modelOf(golden, name)
        : {
            model:
              name === 'judge'
                ? new PretrainedModel(
                    { ...decoder, num_labels: 1, pad_token_id: 0 },
                    'GPT2ForSequenceClassification',
                  )
                : new PretrainedModel(decoder),
            tokenizer: (await modelOf(golden, 'single')).tokenizer,
          }
    const values = async () =>
      await Promise.all(model.weights.map(async ({ value }) => (await dataOf(value)).join()))
    const before = await values()
    await expect(finetune(model, rows as never, { task: task(tokenizer), verbose: 0 })).rejects.toThrow(told)
    expect(await values()).toEqual(before)
  },
)
