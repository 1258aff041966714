import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'

interface Results {
  readonly texts: readonly [string, string]
  readonly summarization: readonly [string, string]
  readonly translation: readonly [string, string]
}

const golden = readPipelines<Results>('pipelines-4')
const { texts, summarization, translation } = golden
const folder = pipelineFolder(golden, 'writer')

test('summaries are Python’s: the prefix, beams and their lengths as the configuration advises', async () => {
  const summarize = await pipeline('summarization', folder)
  const summaries = await summarize(texts, { maxNewTokens: 12 })
  expect(summaries.map(([one]) => one?.text)).toEqual(summarization)
})

test('translations are Python’s, one by one and as they come', async () => {
  const translate = await pipeline('translation', folder)
  const options = { beams: 1, maxNewTokens: 12 }
  for (const [i, text] of texts.entries()) {
    const [one] = await translate(text, options)
    expect(one?.text).toBe(translation[i])
  }
  const pieces: string[] = []
  for await (const piece of translate.stream(texts[1], { ...options, from: 'en', to: 'de' }))
    pieces.push(piece)
  expect(pieces.join('')).toBe(translation[1])
  expect(pieces.length).toBeGreaterThan(1)
})

test('languages that the model does not know, empty and long texts are refused', async () => {
  const translate = await pipeline('translation', folder)
  await expect(translate(texts[0], { from: 'en', to: 'fr' })).rejects.toThrow(
    /from, to: expected languages of: en to de, received en to fr/,
  )
  await expect(translate(['', 'a'])).rejects.toThrow(/translation: expected texts, received text 0: ""/)
  const long = new Array(60).fill('sea').join(' ')
  await expect(translate(long)).rejects.toThrow(/at most 48 tokens, received text 0 of \d+/)
  expect(await translate(long, { truncation: true, beams: 1, maxNewTokens: 2 })).toHaveLength(1)
})
