import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { embedTexts } from '../embeddings/evaluation/embed-texts.ts'
import * as embeddingLosses from '../embeddings/losses/index.ts'
import { loadSentenceEncoder, SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { finetune } from '../finetune/finetune.ts'
import { expectTrainingOf, modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { pipelineFolder } from '../testing/pipelines.ts'
import { withoutDuplicates } from './no-duplicates.ts'
import { type AnchorRow, sentenceEmbedding } from './sentence-embedding.ts'

const golden = readTrainings('sentence-training')

async function encoderOf(name: string) {
  const { model: base, tokenizer } = await modelOf(golden, name)
  const modules = [{ kind: 'pooling', modes: ['mean'] }, { kind: 'normalize' }] as const
  const model = new SentenceEncoder(base, { modules, maxLength: 32, prompts: { query: 'the ' } })
  return { model, base, tokenizer }
}

const ranking = embeddingLosses.multipleNegativesRanking({ scale: 5 })

test('two steps with hard negatives move each weight as in Python', { timeout: 120_000 }, async () => {
  const { tokenizer, ...models } = await encoderOf('ranking')
  const task = sentenceEmbedding({ tokenizer, loss: ranking, noDuplicates: false })
  await expectTrainingOf(golden, 'ranking', models, task)
})

test('batches in parts, which are computed again, give the same', { timeout: 120_000 }, async () => {
  const { tokenizer, ...models } = await encoderOf('ranking')
  const task = sentenceEmbedding({ tokenizer, loss: ranking, noDuplicates: false, miniBatchSize: 1 })
  const unscored = { ...golden, cases: { ranking: { ...golden.cases.ranking, scores: {} } } } as typeof golden
  await expectTrainingOf(unscored, 'ranking', models, task)
})

test('pairs with grades', { timeout: 120_000 }, async () => {
  const { tokenizer, ...models } = await encoderOf('grades')
  const loss = embeddingLosses.cosent({ scale: 5 })
  await expectTrainingOf(golden, 'grades', models, sentenceEmbedding({ tokenizer, loss }))
})

test('a trained encoder is saved, and read again', { timeout: 120_000 }, async () => {
  const { model, tokenizer } = await encoderOf('ranking')
  const rows: readonly AnchorRow[] = golden.cases.ranking?.rows ?? []
  const loss = embeddingLosses.matryoshka(ranking, { dims: [16, 4] })
  const task = sentenceEmbedding({ tokenizer, loss, prompts: { anchor: 'the ' } })
  const told = await finetune(model, rows, { task, epochs: 2, learningRate: 1e-2, verbose: 0 })
  const losses = told.history.history.loss as readonly number[]
  expect(losses[1]).toBeLessThan(losses[0] as number)
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-sentences-'))
  await model.savePretrained(folder, { tokenizerFrom: pipelineFolder(golden, 'ranking') })
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['modules.json', 'tokenizer.json', '1_Pooling']))
  const read = await loadSentenceEncoder(folder)
  expect([read.maxLength, read.prompts, read.width]).toEqual([32, { query: 'the ' }, 16])
  const texts = ['anna lives in paris .', 'a bridge']
  const [before, after] = [model, read].map((one) => embedTexts({ model: one, tokenizer }, texts))
  for (const [i, vector] of (await (after as typeof before))?.entries() ?? [])
    expectClose(vector, (await before)?.[i] as Float32Array)
  rmSync(folder, { recursive: true })
})

test('no text is twice in a batch, and no batch is lost', () => {
  const examples = ['a', 'b', 'a', 'c', 'b', 'd'].map((text, i) => ({ texts: [text, String(i)] }))
  const batches = withoutDuplicates(examples, 2)
  expect(batches.map((batch) => batch.map(({ texts }) => texts[0]))).toEqual([
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'd'],
  ])
})

test('rows that the loss cannot learn from are refused before the first step', async () => {
  const { model, tokenizer } = await encoderOf('ranking')
  const train = (loss: embeddingLosses.EmbeddingLoss, rows: readonly unknown[]) =>
    finetune(model, rows as readonly AnchorRow[], {
      task: sentenceEmbedding({ tokenizer, loss }),
      verbose: 0,
    })
  const row = { anchor: 'a', positive: 'b' }
  await expect(train(ranking, [row, { ...row, negative: 'c' }, { anchor: 'a' }])).rejects.toThrow(
    /2 of 3.*row 1: expected 2 texts, as other rows have, received 3; data, row 2: expected text in 'positive'/,
  )
  await expect(train(embeddingLosses.triplet(), [row])).rejects.toThrow(/1 text in 'negative', received 0/)
  await expect(train(embeddingLosses.cosent(), [{ text: 'a', textPair: 'b' }])).rejects.toThrow(
    /a number in 'label', received none/,
  )
  await expect(train(embeddingLosses.meanSquaredError(), [{ text: 'a', label: [1, 2] }])).rejects.toThrow(
    /a vector of 16 numbers in 'label', received 2/,
  )
  await expect(train(embeddingLosses.matryoshka(ranking, { dims: [32] }), [row])).rejects.toThrow(
    /at most 16/,
  )
})
