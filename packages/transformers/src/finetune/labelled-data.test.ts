import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDataset } from '@typegrad/data'
import { label, readConll } from '@typegrad/label'
import { afterAll, expect, test } from 'vitest'
import { sequenceClassification } from '../tasks/sequence-classification.ts'
import { tokenClassification } from '../tasks/token-classification.ts'
import { modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { finetune } from './finetune.ts'

const folder = mkdtempSync(join(tmpdir(), 'typegrad-labelled-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// What people label in a page, `finetune` learns from: files of @typegrad/label are rows of this package as they are.
const golden = readTrainings()
const quiet = { verbose: 0, batchSize: 2, shuffle: false } as const

/** As the page saves what a person says. */
async function save(session: { readonly url: string }, index: number, value: unknown): Promise<void> {
  const { origin, hash } = new URL(session.url)
  const answer = await fetch(`${origin}/api/save`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hash.slice(1)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ person: 'Ada', index, value }),
  })
  expect(answer.status).toBe(200)
}

test('classes: the exported file is read as it is, and gives the model that its rows give', async () => {
  const texts = ['what a great film !', 'it was bad .', 'the house is old']
  const classes = ['good', 'bad', 'neutral']
  const session = await label(texts, { task: 'class', classes, folder: join(folder, 'classes') })
  for (const [index, name] of classes.entries()) await save(session, index, name)
  const path = join(folder, 'classes.jsonl')
  await session.export(path)
  await session.close()
  const plain = texts.map((text, i) => ({ text, label: classes[i] as string }))
  const loaded = await loadDataset(path, { split: 'train' })
  expect(await loaded.toArray()).toMatchObject(plain)
  const losses = []
  for (const rows of [plain, path, loaded]) {
    const { model, tokenizer } = await modelOf(golden, 'single')
    const task = sequenceClassification({ tokenizer })
    const { history } = await finetune(model, rows as typeof plain, { task, ...quiet, stepsPerEpoch: 2 })
    losses.push(history.history.loss)
  }
  expect(losses[0]?.[0]).toBeGreaterThan(0)
  expect(losses.slice(1)).toEqual([losses[0], losses[0]])
})

test('spans: JSONL and CoNLL are the same words with the same labels', async () => {
  const texts = ['Anna Smith lives in Newland.', 'the old bridge']
  const session = await label(texts, {
    task: 'spans',
    classes: ['PER', 'LOC'],
    folder: join(folder, 'spans'),
  })
  await save(session, 0, [
    { class: 'PER', start: 0, end: 10 },
    { class: 'LOC', start: 20, end: 27 },
  ])
  await save(session, 1, [])
  const [jsonl, conll] = [join(folder, 'spans.jsonl'), join(folder, 'spans.conll')]
  await session.export(jsonl)
  await session.export(conll)
  await session.close()
  const plain = [
    {
      tokens: ['Anna', 'Smith', 'lives', 'in', 'Newland', '.'],
      labels: ['B-PER', 'I-PER', 'O', 'O', 'B-LOC', 'O'],
    },
    { tokens: ['the', 'old', 'bridge'], labels: ['O', 'O', 'O'] },
  ]
  const read = readConll(readFileSync(conll, 'utf8'))
  expect(read).toEqual(plain)
  const losses = []
  for (const rows of [plain, read, jsonl]) {
    const { model, tokenizer } = await modelOf(golden, 'tokens')
    const task = tokenClassification({ tokenizer })
    const { history } = await finetune(model, rows as typeof plain, { task, ...quiet })
    losses.push(history.history.loss)
  }
  expect(losses[0]?.[0]).toBeGreaterThan(0)
  expect(losses.slice(1)).toEqual([losses[0], losses[0]])
})
