import { expect, test } from 'vitest'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { FinetuneOptions } from '../finetune/finetune.ts'
import { expectTraining, modelOf, readTrainings } from '../testing/finetune-golden.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { causalLanguageModelling } from './causal-language-modelling.ts'
import { instructionTuning } from './instruction-tuning.ts'
import { questionAnswering } from './question-answering.ts'
import { sequenceClassification } from './sequence-classification.ts'
import { sequenceToSequence } from './sequence-to-sequence.ts'
import { tokenClassification } from './token-classification.ts'

const golden = readTrainings()
const { length: maxLength = 0, stride = 0 } = golden.cases.answers ?? {}
const { template = '' } = golden.cases.chats ?? {}

// biome-ignore lint/suspicious/noExplicitAny: rows and examples of all tasks
type AnyTask = FinetuneOptions<any, any, PretrainedModel>['task']

/** What Python's models are trained for, by the golden file's names. Texts of decoders are padded there, packed here. */
const tasks: Readonly<Record<string, (tokenizer: Tokenizer) => AnyTask>> = {
  single: (tokenizer) => sequenceClassification({ tokenizer }),
  decoder: (tokenizer) => sequenceClassification({ tokenizer }),
  multi: (tokenizer) => sequenceClassification({ tokenizer }),
  regression: (tokenizer) => sequenceClassification({ tokenizer }),
  tokens: (tokenizer) => tokenClassification({ tokenizer }),
  answers: (tokenizer) => questionAnswering({ tokenizer, maxLength, stride }),
  t5: (tokenizer) => sequenceToSequence({ tokenizer }),
  bart: (tokenizer) => sequenceToSequence({ tokenizer }),
  smoothed: (tokenizer) => sequenceToSequence({ tokenizer, labelSmoothing: 0.1 }),
  language: (tokenizer) => causalLanguageModelling({ tokenizer, packing: false }),
  chats: (tokenizer) => instructionTuning({ tokenizer, template, maxLength: 48 }),
}

test.each(Object.entries(tasks))(
  '%s: steps of training move each weight as in Python',
  async (name, task) => {
    const { model, tokenizer } = await modelOf(golden, name)
    const { history } = await expectTraining(golden, name, model, task(tokenizer))
    // Of answers the golden file has no scores.
    const { scores } = golden.cases[name] ?? { scores: {} }
    expect('val_loss' in history.history).toBe(Object.keys(scores).length > 0)
  },
)

test('windows of a long text, and where its answer stands in each, are Python’s', async () => {
  const { model, tokenizer } = await modelOf(golden, 'answers')
  const { encode } = questionAnswering({ tokenizer, maxLength, stride }).prepare(model)
  const { rows, places } = golden.cases.answers ?? { rows: [] }
  expect(rows.flatMap((row) => encode(row).examples.map(({ label }) => label))).toEqual(places)
})

test('of chats the answers are learnt, with what ends them; several chats stand in a row and do not see each other', async () => {
  const { model, tokenizer } = await modelOf(golden, 'chats')
  const { rows, learnt } = golden.cases.chats ?? { rows: [] }
  const task = instructionTuning({ tokenizer, template, maxLength: 48 }).prepare(model)
  const examples = rows.flatMap((row) => task.encode(row).examples)
  const said = examples.map(({ ids, isLearnt }) => tokenizer.decode(ids.filter((_, i) => isLearnt[i])))
  expect(said).toEqual(learnt)
  const packed = task.pack?.(examples) ?? []
  expect(packed.length).toBeLessThan(examples.length)
  expect(packed.flatMap(({ ids }) => ids).length).toBe(examples.flatMap(({ ids }) => ids).length)
  const last = instructionTuning({ tokenizer, template, answers: 'last' }).prepare(model)
  const [first] = last.encode(rows[0]).examples
  expect(tokenizer.decode(first?.ids.filter((_, i) => first.isLearnt[i]) ?? [])).toBe('near the sea [SEP]')
})
