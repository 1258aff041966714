import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import type { Picture } from '../processors/picture.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { LabelScore } from './scores.ts'

interface Results {
  readonly pictures: readonly { readonly width: number; readonly height: number; readonly seed: number }[]
  readonly vit_processor: object
  readonly clip_processor: object
  readonly 'image-classification': {
    readonly all: readonly (readonly LabelScore[])[]
    readonly two: readonly LabelScore[]
  }
  readonly 'image-feature-extraction': {
    readonly states: readonly (readonly number[])[]
    readonly pooled: readonly (readonly number[])[]
  }
  readonly 'zero-shot-image-classification': {
    readonly labels: readonly string[]
    readonly results: readonly (readonly LabelScore[])[]
    readonly template: readonly LabelScore[]
  }
  readonly sounds: readonly { readonly samples: number; readonly pitch: number }[]
  readonly ctc: Readonly<Record<'vocab' | 'tokenizer_config' | 'preprocessor_config', object>>
  readonly whisper: Readonly<Record<'generation_config' | 'preprocessor_config', object>>
  readonly 'automatic-speech-recognition': Readonly<
    Record<'ctc' | 'english' | 'translated' | 'detected', readonly string[]>
  >
}

const golden = readPipelines<Results>('pipelines-media')

/** As `picture` of `make_transformers_pipelines_media.py` makes it. */
function pictureOf({ width, height, seed }: Results['pictures'][number]): Picture {
  const data = new Uint8Array(width * height * 3)
  for (const i of data.keys()) {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3]
    data[i] = (seed * x + 13 * y + 50 * c + x * y) % 256
  }
  return { data, width, height, channels: 3 }
}

/** As `sound` there. */
const soundOf = ({ samples, pitch }: Results['sounds'][number]): Float32Array =>
  Float32Array.from({ length: samples }, (_, i) => {
    const t = i / 16_000
    return Math.sin(2 * Math.PI * pitch * t) * 0.5 + Math.sin(2 * Math.PI * 3.1 * pitch * t * (1 + t)) * 0.3
  })

const pictures = golden.pictures.map(pictureOf)
const picture = pictures[0] as Picture
const sounds = golden.sounds.map(soundOf)
const sound = sounds[0] as Float32Array
const vit = { preprocessor_config: golden.vit_processor }

const expectScores = (found: readonly LabelScore[] | undefined, expected: readonly LabelScore[]): void =>
  expect(found).toEqual(expected.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) })))

test('classes of pictures are Python’s', async () => {
  const python = golden['image-classification']
  const classify = await pipeline('image-classification', pipelineFolder(golden, 'vit', vit))
  const all = await classify(pictures, { batchSize: 1 })
  for (const [i, expected] of python.all.entries()) expectScores(all[i], expected)
  expectScores(await classify(picture, { topK: 2 }), python.two)
  await expect(classify({ ...picture, width: 3 })).rejects.toThrow(
    /image-classification: pictures\[0\]: expected/,
  )
  const { model } = classify
  await expect(pipeline('image-classification', { model })).rejects.toThrow(/\{ model, processor \}/)
  await expect(pipeline('text-classification', { model })).rejects.toThrow(/It can do 'image-classification'/)
})

test('states of pictures and what the model pools of them are Python’s', async () => {
  const python = golden['image-feature-extraction']
  const extract = await pipeline('image-feature-extraction', pipelineFolder(golden, 'body', vit))
  const states = await extract(picture)
  expect(states.shape).toEqual([5, 24])
  expectClose(await states.data(), Float32Array.from(python.states.flat()), { scaled: 1e-5 })
  const pooled = await extract(pictures, { pool: true })
  for (const [i, expected] of python.pooled.entries()) {
    const found = (await pooled[i]?.data()) as Float32Array
    expectClose(found, Float32Array.from(expected), { scaled: 1e-5 })
  }
})

test('labels of pictures without training are Python’s', async () => {
  const { labels, results, template } = golden['zero-shot-image-classification']
  const files = { preprocessor_config: golden.clip_processor }
  const folder = pipelineFolder(golden, 'clip', files)
  const classify = await pipeline('zero-shot-image-classification', folder)
  const found = await classify(pictures, labels)
  for (const [i, expected] of results.entries()) expectScores(found[i], expected)
  expectScores(await classify(picture, labels, { hypothesisTemplate: 'about {}' }), template)
  expect(() => classify(picture, [])).toThrow(/labels: expected a list of at least one label/)
  const extract = await pipeline('image-feature-extraction', folder)
  expect((await extract(picture)).shape).toEqual([16])
})

test('wav2vec 2.0 spells what Python spells', async () => {
  const { vocab, tokenizer_config, preprocessor_config } = golden.ctc
  const spoken = { ...golden, tokenizer: { vocab, tokenizer_config, preprocessor_config } }
  const hear = await pipeline('automatic-speech-recognition', pipelineFolder(spoken, 'wav2vec2'))
  const found = await hear(sounds)
  expect(found.map(({ text }) => text)).toEqual(golden['automatic-speech-recognition'].ctc)
  await expect(hear({ data: sound, samplingRate: 44_100 })).rejects.toThrow(/16000 samples a second/)
  await expect(hear(sound, { language: 'en' })).rejects.toThrow(/none of language/)
})

test('Whisper writes what Python writes: in a language, translated, and in the one that it hears', async () => {
  const python = golden['automatic-speech-recognition']
  const hear = await pipeline(
    'automatic-speech-recognition',
    pipelineFolder(golden, 'whisper', golden.whisper),
  )
  const texts = async (options: Parameters<typeof hear>[1]) => {
    const found: string[] = []
    for (const one of sounds) found.push((await hear(one, options)).text)
    return found
  }
  expect(await texts({ language: 'en' })).toEqual(python.english)
  expect(await texts({ language: 'de', task: 'translate' })).toEqual(python.translated)
  expect(await texts({})).toEqual(python.detected)
  await expect(hear(sound, { language: 'fr' })).rejects.toThrow(
    /language: expected one of en, de, received 'fr'/,
  )
  // No token of this model is a time, by which longer sounds are heard.
  await expect(hear(new Float32Array(16_001))).rejects.toThrow(/no more than the model hears at once/)
})
