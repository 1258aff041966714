import { setRandomSeed } from 'typegrad'
import { expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
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

test('the transformer of Vaswani et al. translates too, from a folder of its own', async () => {
  const { tokenizer } = await pipeline('translation', folder)
  setRandomSeed(1)
  const model = new PretrainedModel({
    model_type: 'transformer',
    vocab_size: tokenizer.vocabularySize,
    ...{ d_model: 16, d_ff: 24, num_layers: 1, num_heads: 2 },
    ...{ pad_token_id: 0, eos_token_id: 3, decoder_start_token_id: 0 },
  })
  const translate = await pipeline('translation', { model, tokenizer })
  const [whole, again] = await translate(texts, { beams: 2, maxNewTokens: 5 })
  const ids = await generateIds(model, [tokenizer.encode(texts[0]).ids.slice()], {
    beams: 2,
    maxNewTokens: 5,
  })
  expect(whole?.[0]?.ids).toEqual(ids[0]?.[0]?.ids)
  expect(again).toHaveLength(1)
})
