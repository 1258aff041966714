import { describe, expect, test } from 'vitest'
import { type GoldenPipelines, pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'

interface OfLanguages {
  /** For each pair of languages, the tokens of each text's translation, from the decoder's first one on. */
  readonly greedy: readonly (readonly (readonly number[])[])[]
  readonly beams: readonly (readonly (readonly number[])[])[]
  readonly texts: readonly (readonly string[])[]
  /** Of a long text, from French to German. */
  readonly truncated: readonly number[]
}

interface Results {
  readonly tokenizers: Readonly<Record<string, GoldenPipelines['tokenizer']>>
  readonly texts: readonly [string, string, string]
  readonly pairs: readonly (readonly [from: string, to: string])[]
  readonly results: {
    readonly mbart: OfLanguages
    readonly mbart50: OfLanguages
    readonly marian: Readonly<Record<'greedy' | 'beams', OfLanguages['truncated'][]>>
  }
}

const golden = readPipelines<Results>('pipelines-languages')
const { texts, pairs, results } = golden
const translator = (name: string, change: Readonly<Record<string, unknown>> = {}) =>
  pipeline('translation', pipelineFolder(golden, name, { ...golden.tokenizers[name], ...change }))

const usual = { maxNewTokens: 9, noRepeatNgramSize: 1 }
const greedy = { ...usual, beams: 1 }
const long = new Array(5).fill(texts[1]).join(' ')

/** Without the decoder's first token. */
const behind = (ids: readonly number[]) => ids.slice(1)

describe.each(['mbart', 'mbart50'] as const)('%s', (name) => {
  const expected = results[name]

  test('translates between the languages of a call as Python does', async () => {
    const translate = await translator(name)
    for (const [i, [from, to]] of pairs.entries()) {
      const answers = await translate(texts, { ...greedy, from, to })
      expect(answers.map(([one]) => one?.ids)).toEqual(expected.greedy[i]?.map(behind))
      expect(answers.map(([one]) => one?.text)).toEqual(expected.texts[i])
      const [best] = await translate(texts[1], { ...usual, from, to })
      expect(best?.ids).toEqual(behind(expected.beams[i]?.[1] ?? []))
    }
    const [from, to] = pairs[2] as readonly [string, string]
    const [cut] = await translate(long, { ...greedy, from, to, truncation: true })
    expect(cut?.ids).toEqual(behind(expected.truncated))
    const pieces: string[] = []
    for await (const piece of translate.stream(texts[1], { ...greedy, from, to })) pieces.push(piece)
    expect(pieces.join('')).toBe(expected.texts[2]?.[1])
  })
})

test('a tokenizer that names no class is the one of its model', async () => {
  const { tokenizer_class: _, ...config } = Object(golden.tokenizers.mbart?.tokenizer_config)
  const translate = await translator('mbart', { tokenizer_config: config })
  const [from, to] = pairs[0] as readonly [string, string]
  const [one] = await translate(texts[0], { ...greedy, from, to })
  expect(one?.ids).toEqual(behind(results.mbart.greedy[0]?.[0] ?? []))
})

test('Marian has one pair of languages, and is asked for no other', async () => {
  const translate = await translator('marian')
  const answers = await translate(texts, greedy)
  expect(answers.map(([one]) => one?.ids)).toEqual(results.marian.greedy.map(behind))
  const [best] = await translate(texts[1], usual)
  expect(best?.ids).toEqual(behind(results.marian.beams[1] ?? []))
  await expect(translate(texts[0], { from: 'en', to: 'de' })).rejects.toThrow(
    /from, to: expected neither: this model has one pair of languages, received en to de/,
  )
})

test('languages that mBART does not know, or that nobody named, are refused with those that it has', async () => {
  const translate = await translator('mbart')
  await expect(translate(texts[0], { from: 'en', to: 'de_DE' })).rejects.toThrow(
    /translation: from: expected a language of the model: ar_AR, cs_CZ, de_DE, .*, zh_CN, received en\b/,
  )
  await expect(translate(texts[0], { from: 'en_XX', to: 'xx_XX' })).rejects.toThrow(/to: .* received xx_XX/)
  await expect(translate(texts[0], { from: 'en_XX' })).rejects.toThrow(/to: .* received none/)
  await expect(translate(long, { from: 'en_XX', to: 'de_DE' })).rejects.toThrow(
    /texts of at most 32 tokens, received text 0 of 52/,
  )
})
