import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { LabelScore } from './scores.ts'

interface Results {
  readonly texts: readonly [string, string, string]
  readonly 'text-classification': Readonly<
    Record<'all' | 'none' | 'several', readonly (readonly LabelScore[])[]> &
      Record<'best' | 'pair' | 'regression' | 'truncated', readonly LabelScore[]>
  >
}

const golden = readPipelines<Results>('pipelines')
const { texts } = golden
const python = golden['text-classification']
const folder = pipelineFolder(golden, 'mood')
const topics = pipelineFolder(golden, 'topics')
const grade = pipelineFolder(golden, 'grade')

const expectScores = (found: readonly LabelScore[] | undefined, expected: readonly LabelScore[]): void => {
  expect(found?.map(({ label }) => label)).toEqual(expected.map(({ label }) => label))
  for (const [i, { score }] of expected.entries()) expect(found?.[i]?.score).toBeCloseTo(score, 5)
}

test('classes and scores are Python’s: one text, several, pairs, and those that are cut off', async () => {
  const classify = await pipeline('text-classification', folder)
  expectScores(await classify(texts[0]), python.best.slice(0, 1))
  const all = await classify(texts, { topK: null, batchSize: 2 })
  for (const [i, scores] of python.all.entries()) expectScores(all[i], scores)
  expectScores(await classify({ text: texts[0], textPair: texts[1] }, { topK: null }), python.pair)
  const plain = await classify(texts, { topK: 2, functionToApply: 'none' })
  for (const [i, scores] of python.none.entries()) expectScores(plain[i], scores)
  const long = new Array(4).fill(texts[1]).join(' ')
  expectScores(await classify(long, { truncation: true, topK: null }), python.truncated)
})

test('labels that hold together are scored alone, numbers of a regression are not changed', async () => {
  const several = await (await pipeline('text-classification', topics))(texts, { topK: null })
  for (const [i, scores] of python.several.entries()) expectScores(several[i], scores)
  const graded = await (await pipeline('text-classification', grade))(texts)
  expectScores(graded.flat(), python.regression)
})

test('a stream gives the results of each batch in order, and a model and a tokenizer make a pipeline too', async () => {
  const { model, tokenizer } = await pipeline('text-classification', folder)
  const classify = await pipeline('text-classification', { model, tokenizer })
  async function* stream() {
    yield* texts
  }
  const found: LabelScore[] = []
  for await (const scores of classify(stream(), { batchSize: 2 })) found.push(...scores)
  expectScores(found, python.best)
})

test('bad input is refused before the model runs, all of it at once', async () => {
  const classify = await pipeline('text-classification', folder)
  const long = new Array(9).fill(texts[1]).join(' ')
  await expect(classify(['', 'Good.', ' '])).rejects.toThrow(
    /text-classification: expected texts.*received input 0, which is empty; input 2, which is empty/,
  )
  await expect(classify(['Good.', long])).rejects.toThrow(
    /at most 48 tokens, received input 1 of \d+ tokens.*truncation/,
  )
  // @ts-expect-error a number is no text.
  await expect(classify([7])).rejects.toThrow(/received input 0/)
  expect(() => classify('Good.', { topK: 0 })).toThrow(/topK/)
  // @ts-expect-error the name is topK.
  expect(() => classify('Good.', { top_k: 2 })).toThrow(/topK/)
  // @ts-expect-error no such task.
  await expect(pipeline('text-clasification', folder)).rejects.toThrow(/nearest is 'text-classification'/)
  await expect(pipeline('text-classification', { model: classify.model })).rejects.toThrow(
    /\{ model, tokenizer \}/,
  )
})

test('classes without names are numbered, as in Python; names with gaps are refused', async () => {
  const { config, weights } = golden.models.mood as (typeof golden.models)[string]
  const labelled = (id2label: unknown) =>
    pipelineFolder(
      { ...golden, models: { mood: { config: { ...config, id2label, num_labels: 3 }, weights } } },
      'mood',
    )
  const classify = await pipeline('text-classification', labelled(null))
  const [{ label } = { label: '' }] = await classify(texts[0])
  expect(label).toMatch(/^LABEL_[012]$/)
  const gaps = labelled({ 0: 'bad', 2: 'good', 3: 'great' })
  await expect(pipeline('text-classification', gaps)).rejects.toThrow(
    /id2label: 1: expected text, received nothing/,
  )
})
