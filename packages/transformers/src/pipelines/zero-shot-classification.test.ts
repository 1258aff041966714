import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { LabelScore } from './scores.ts'

interface PythonScores {
  readonly labels: readonly string[]
  readonly scores: readonly number[]
}

interface Results {
  readonly texts: readonly [string, string, string]
  readonly 'zero-shot-classification': {
    readonly labels: readonly string[]
    readonly one: readonly PythonScores[]
    readonly several: PythonScores
    readonly single: PythonScores
  }
}

const golden = readPipelines<Results>('pipelines')
const { texts } = golden
const { labels, one, several, single } = golden['zero-shot-classification']
const folder = pipelineFolder(golden, 'inference')

const expectScores = (found: readonly LabelScore[] | undefined, { labels: names, scores }: PythonScores) =>
  expect(found).toEqual(names.map((label, i) => ({ label, score: expect.closeTo(scores[i] as number, 5) })))

test('labels and scores are Python’s: one label of several, each alone, and a single one', async () => {
  const classify = await pipeline('zero-shot-classification', folder)
  const found = await classify(texts, labels)
  for (const [i, expected] of one.entries()) expectScores(found[i], expected)
  const options = { multiLabel: true, hypothesisTemplate: 'It is about {}.' }
  expectScores(await classify(texts[1], labels, options), several)
  expectScores(await classify(texts[1], ['city']), single)
})

test('labels that are none, a template without a place, and a model without entailment are refused', async () => {
  const classify = await pipeline('zero-shot-classification', folder)
  expect(() => classify(texts[0], [])).toThrow(/labels: expected a list of at least one label, received \[\]/)
  expect(() => classify(texts[0], ['a'], { hypothesisTemplate: 'About it.' })).toThrow(/hypothesisTemplate/)
  await expect(pipeline('zero-shot-classification', pipelineFolder(golden, 'mood'))).rejects.toThrow(
    /label begins with 'entail', received bad, neutral, good/,
  )
})
