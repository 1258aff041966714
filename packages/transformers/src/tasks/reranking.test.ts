import { expect, test } from 'vitest'
import { finetune } from '../finetune/finetune.ts'
import { CrossEncoder } from '../reranking/cross-encoder.ts'
import * as rerankingLosses from '../reranking/losses/index.ts'
import { expectTraining, modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { type RerankingRow, reranking } from './reranking.ts'

const golden = readTrainings('sentence-training')
interface ListRow {
  readonly query: string
  readonly documents: readonly string[]
  readonly labels: readonly number[]
}
const rows: readonly ListRow[] = golden.cases.lists?.rows ?? []

test('lists of documents: two steps move each weight as in Python, and ranks follow', {
  timeout: 120_000,
}, async () => {
  const { model, tokenizer } = await modelOf(golden, 'lists')
  await expectTraining(golden, 'lists', model, reranking({ tokenizer, loss: rerankingLosses.listNet() }))
  const reranker = new CrossEncoder(model, tokenizer)
  const pairs = rows.flatMap(({ query, documents }) =>
    documents.map((document) => [query, document] as const),
  )
  const { probabilities } = golden.cases.lists as unknown as { readonly probabilities: readonly number[] }
  const scores = await reranker.scores(pairs)
  for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(probabilities[i] as number, 4)
  const { query, documents } = rows[0] as ListRow
  const ranked = await reranker.rank(query, documents, { topK: 2 })
  const best = [...documents.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number))
  expect(ranked.map(({ index }) => index)).toEqual(best.slice(0, 2))
  expect(ranked[0]?.document).toBe(documents[best[0] as number])
})

test('contrasts with negatives of other rows lower their loss', { timeout: 120_000 }, async () => {
  const { model, tokenizer } = await modelOf(golden, 'lists')
  const loss = rerankingLosses.multipleNegativesRanking({ inBatchNegatives: 2 })
  const contrasts: readonly RerankingRow[] = rows.map(
    ({ query, documents: [positive = '', negative = ''] }) => ({
      query,
      positive,
      negative,
    }),
  )
  const { history, after } = await finetune(model, contrasts, {
    ...{ task: reranking({ tokenizer, loss }), validationData: contrasts, batchSize: 4, epochs: 3 },
    ...{ learningRate: 1e-2, schedule: 'constant', verbose: 0 },
  })
  const losses = history.history.loss as readonly number[]
  expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number))
  expect(after?.['mrr@10']).toBeGreaterThan(0.5)
})

test('rows that are none, and models with another head, are refused', async () => {
  const { model, tokenizer } = await modelOf(golden, 'lists')
  const task = reranking({ tokenizer, loss: rerankingLosses.listNet() })
  const bad = [
    { query: 'a', documents: ['b'], labels: [1, 2] },
    { query: 'a', document: 'b' },
  ]
  await expect(finetune(model, bad as readonly RerankingRow[], { task, verbose: 0 })).rejects.toThrow(
    /1 numbers in 'labels'.*row 1: expected a number in 'label', received none/,
  )
  const { model: other } = await modelOf(golden, 'student')
  expect(() => new CrossEncoder(other, tokenizer)).toThrow(
    /with one output, received BertForSequenceClassification with 3/,
  )
})
