import { tensor } from 'typegrad'
import { expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { processorOf } from '../processors/processor.ts'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { ctcTokenizer } from './ctc-tokenizer.ts'
import { pipeline } from './pipeline.ts'
import type { RecognizedSpeech, SpeechRecognitionOptions } from './speech-recognition.ts'
import { spokenWords } from './spoken-words.ts'
import { type TimedText, timedTexts, timedWords, type WrittenPart } from './timed-speech.ts'
import { tokenPositions } from './token-times.ts'

interface Case {
  readonly options: {
    readonly return_timestamps?: boolean | 'word' | 'char'
    readonly chunk_length_s?: number
    readonly stride_length_s?: number | readonly [number, number]
  }
  readonly results: readonly RecognizedSpeech[]
}

interface Results {
  readonly sounds: readonly { readonly samples: number; readonly pitch: number }[]
  readonly bias: readonly number[]
  readonly ctc: Readonly<
    Record<'vocab' | 'tokenizer_config' | 'preprocessor_config', Record<string, unknown>>
  >
  readonly whisper: Readonly<Record<'generation_config' | 'preprocessor_config', Record<string, unknown>>>
  readonly spelled: readonly Case[]
  readonly written: readonly Case[]
  readonly joined: readonly {
    readonly outputs: readonly WrittenPart[]
    readonly timed: RecognizedSpeech
    readonly plain: RecognizedSpeech
    /** Of each output: when its tokens had been said. */
    readonly ends: readonly (readonly number[])[]
    readonly words: readonly TimedText[]
  }[]
  readonly words: readonly {
    readonly pieces: readonly string[]
    readonly language: string
    readonly words: readonly (readonly [text: string, first: number, last: number])[]
  }[]
  readonly paths: readonly {
    readonly width: number
    readonly weights: readonly (readonly (readonly number[])[])[]
    readonly starts: readonly number[]
  }[]
}

const golden = readPipelines<Results>('speech')

/** As `sound` of `make_transformers_speech.py`. */
const sounds = golden.sounds.map(({ samples, pitch }) =>
  Float32Array.from({ length: samples }, (_, i) => {
    const t = i / 16_000
    return Math.sin(2 * Math.PI * pitch * t) * 0.5 + Math.sin(2 * Math.PI * 3.1 * pitch * t * (1 + t)) * 0.3
  }),
)
const [sound] = sounds as [Float32Array]

const optionsOf = ({ options }: Case): SpeechRecognitionOptions => ({
  ...(options.chunk_length_s !== undefined && { chunkLength: options.chunk_length_s }),
  ...(options.stride_length_s !== undefined && { strideLength: options.stride_length_s }),
  ...(options.return_timestamps !== undefined && { returnTimestamps: options.return_timestamps }),
})

test('wav2vec 2.0 spells pieces of a sound, and when, as Python does', async () => {
  const { vocab, tokenizer_config, preprocessor_config } = golden.ctc
  const model = await fromPretrained(pipelineFolder(golden, 'wav2vec2'))
  const bias = model.checkpointWeights.find(({ name }) => name === 'lm_head.bias')
  bias?.weight.assign(tensor(golden.bias as number[]))
  const tokenizer = ctcTokenizer(vocab, tokenizer_config)
  const processor = processorOf(preprocessor_config)
  const hear = await pipeline('automatic-speech-recognition', { model, tokenizer, processor })
  expect(golden.spelled.length).toBe(2)
  for (const one of golden.spelled) {
    const found = await hear(sounds, optionsOf(one))
    for (const [i, { text, chunks }] of one.results.entries()) {
      expect(found[i]?.text).toBe(text)
      expect(found[i]?.chunks).toEqual(
        chunks?.map(({ text, timestamp: [from, to] }) => ({
          text,
          timestamp: [expect.closeTo(from as number, 6), expect.closeTo(to as number, 6)],
        })),
      )
    }
  }
  await expect(hear(sound, { returnTimestamps: true })).rejects.toThrow(
    /returnTimestamps: expected 'word' or 'char'.*received true/,
  )
  await expect(hear(sound, { strideLength: 0.1 })).rejects.toThrow(/strideLength: expected a chunkLength/)
  await expect(hear(sound, { chunkLength: 0.2, strideLength: 0.1 })).rejects.toThrow(
    /chunkLength: expected more than both strides, 0.2 seconds, received 0.2 seconds/,
  )
  expect(() => hear(sound, { chunkLength: 1, strideLength: [0.1, -1] })).toThrow(
    /strideLength.*or two of them, for the left and the right/,
  )
})

test('Whisper writes long sounds, and when what was said, as Python does', async () => {
  const folder = pipelineFolder(golden, 'whisper', golden.whisper)
  const hear = await pipeline('automatic-speech-recognition', folder)
  const usual = { language: 'en', maxNewTokens: 24 } as const
  expect(golden.written.length).toBe(5)
  for (const one of golden.written)
    expect(await hear(sounds, { ...usual, ...optionsOf(one) })).toEqual(one.results)
  await expect(hear(sound, { returnTimestamps: 'char' })).rejects.toThrow(
    /returnTimestamps: expected true or 'word' for Whisper.*received "char"/,
  )
  for (const [heads, problem] of [
    [undefined, /returnTimestamps: expected true or false.*no alignment_heads.*received 'word'/],
    [[[0, 3]], /alignment_heads: expected heads of 1 blocks with 3 each.*received block 0, head 3/],
  ] as const) {
    const { model, tokenizer, processor } = hear
    model.generationConfig = { ...model.generationConfig, alignment_heads: heads }
    const other = await pipeline('automatic-speech-recognition', { model, tokenizer, processor })
    await expect(other(sound, { returnTimestamps: 'word' })).rejects.toThrow(problem)
  }
  await expect(hear(sound, { chunkLength: 2 })).rejects.toThrow(/chunkLength: expected at most 1 seconds/)
})

test('texts of pieces are joined as Python joins them', () => {
  const firstTime = Number(golden.whisper.generation_config.no_timestamps_token_id) + 1
  const letters = Object.entries(
    (golden.tokenizer.tokenizer as { model: { vocab: Record<string, number> } }).model.vocab,
  ).sort(([, a], [, b]) => a - b)
  const decode = (ids: readonly number[]) => ids.map((id) => letters[id]?.[0] ?? '?').join('')
  expect(golden.joined.length).toBe(40)
  const scale = { firstTime, step: 0.02, window: 1 }
  for (const { outputs, timed, plain, ends, words } of golden.joined) {
    const found = timedTexts(outputs, scale, decode)
    expect(found).toEqual(timed.chunks)
    expect(found.map(({ text }) => text).join('')).toBe(plain.text)
    const parts = outputs.map((part, i) => ({
      ...part,
      spans: (ends[i] as readonly number[]).map((end, at, all) => [all[at - 1] ?? 0, end] as const),
    }))
    expect(timedWords(parts, scale, decode).words).toEqual(words)
  }
})

test('tokens are words as Python has them, wherever they end', () => {
  expect(golden.words.length).toBe(48)
  for (const { pieces, language, words } of golden.words) {
    const decode = (ids: readonly number[]) =>
      Buffer.from(ids.map((id) => pieces[id]).join(''), 'hex').toString('utf8')
    const found = spokenWords([...pieces.keys()], decode, language)
    expect(found.map(({ text, first, last }) => [text, first, last])).toEqual(words)
  }
})

test('tokens begin where Python finds them by what heads look at', () => {
  expect(golden.paths.length).toBe(8)
  for (const { width, weights, starts } of golden.paths) {
    const heads = weights.map((rows) => rows.map((row) => new Float32Array(row)))
    expect(tokenPositions(heads, width)).toEqual(starts)
  }
  expect(tokenPositions([[]], 7)).toEqual([])
  // A sound of less than a position.
  expect(tokenPositions([[new Float32Array(), new Float32Array()]], 7)).toEqual([0, 0])
})
