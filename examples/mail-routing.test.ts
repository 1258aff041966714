import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PretrainedModel, Tokenizer, trainTokenizer } from '@typegrad/transformers'
import { setRandomSeed } from 'typegrad'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mails, queueNames, queues, textOf } from './mail-routing/mails.ts'
import { byInference, byWords, queueOf } from './mail-routing/routers.ts'
import { miniLMFolder } from './minilm.ts'
import { collect, output, start } from './program.ts'

const timeout = 300_000

test('there are 24 mails, six of each queue', () => {
  expect(mails).toHaveLength(24)
  for (const name of queueNames) expect(mails.filter(({ queue }) => queue === name)).toHaveLength(6)
})

test('keywords are counted, and a text without any has no queue', async () => {
  const scores = await byWords('keywords')(['I paid the invoice, where is the parcel?', 'Hello'])
  expect(scores[0]).toEqual([2, 1, 0, 0])
  expect(scores.map(queueOf)).toEqual(['billing', undefined])
})

test('MiniLM finds the queue of nine in ten mails', { timeout }, async ({ skip }) => {
  const missing = await miniLMFolder().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const text = await output('mail-routing.ts')
  expect(text).toMatch(/^No folder of a model of natural language inference was given/)
  const right = (way: string): number =>
    Number(new RegExp(`^${way}: +(\\d+) of 24 right`, 'm').exec(text)?.[1])
  // 22 were measured; sums in another order may move a mail or two.
  expect(right('MiniLM')).toBeGreaterThanOrEqual(20)
  expect([right('keywords'), right('fitted')]).toEqual([5, 21])
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

let folder = ''
let model: PretrainedModel
let tokenizer: Tokenizer
const config = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  hidden_size: 24,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 512,
  initializer_range: 0.4,
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-routing-'))
  const json = await trainTokenizer({ kind: 'wordpiece', vocabSize: 400 }, mails.map(textOf))
  tokenizer = Tokenizer.fromFiles({ tokenizer: json })
  setRandomSeed(2)
  const id2label = { 0: 'contradiction', 1: 'ENTAILMENT', 2: 'neutral' }
  model = new PretrainedModel({ ...config, vocab_size: tokenizer.vocabularySize, id2label, num_labels: 3 })
  await model.savePretrained(folder)
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json))
  await writeFile(join(folder, 'tokenizer_config.json'), '{ "pad_token": "[PAD]" }')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a model of inference is asked whether each mail entails what each queue is about', {
  timeout,
}, async () => {
  const texts = mails.slice(0, 3).map(textOf)
  const scores = await (await byInference(folder))(texts)
  for (const [i, text] of texts.entries()) {
    for (const [j, name] of queueNames.entries()) {
      const { ids, typeIds } = tokenizer.encode(text, `This mail is about ${queues[name].label}.`)
      const { logits } = await model.predict({
        input_ids: [ids],
        token_type_ids: [typeIds],
        attention_mask: [ids.map(() => 1)],
      })
      // Alone, without padding.
      const alone = await logits?.data()
      expect(scores[i]?.[j]).toBeCloseTo(Number(alone?.[1]), 4)
    }
  }
  const text = await output('mail-routing.ts', folder)
  expect(text.replace(/\s+/g, ' ')).toContain(`by the model in ${folder}.`)
  expect(text).toMatch(/^model: +\d+ of 24 right, /m)
})

test('a model without the label entailment is refused', { timeout }, async () => {
  const other = new PretrainedModel({
    ...config,
    vocab_size: tokenizer.vocabularySize,
    id2label: { 0: 'negative', 1: 'positive' },
  })
  await other.savePretrained(folder)
  const child = await start('mail-routing.ts', [folder])
  const text = collect(child)
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(1)
  expect(text().replace(/\s+/g, ' ')).toContain(
    'expected a label "entailment" in config.json (id2label), received negative, positive.',
  )
})
