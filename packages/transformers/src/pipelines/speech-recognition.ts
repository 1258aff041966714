import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type Sound, samplesOf } from '../processors/sound.ts'
import { Wav2Vec2FeatureExtractor } from '../processors/wav2vec2-feature-extractor.ts'
import { WhisperFeatureExtractor } from '../processors/whisper-feature-extractor.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type BatchedCall, batched, runChecks } from './batched.ts'
import type { PipelineParts } from './parts.ts'
import type { RunOptions } from './rows.ts'
import type { ChunkOptions } from './sound-chunks.ts'
import { type SpellingParts, spelledSpeech } from './spelled-speech.ts'
import type { TimedText } from './timed-speech.ts'
import { type WritingParts, writtenSpeech } from './written-speech.ts'

/**
 * Sounds of any length are recognized. wav2vec 2.0 hears all of a sound at once, unless `chunkLength` cuts it, which bounds the
 * memory; Whisper hears a long one window by window, or in pieces of `chunkLength` seconds.
 */
export interface SpeechRecognitionOptions extends RunOptions, ChunkOptions {
  /** The language that is spoken, as `en`, for models that know several. Default: the model hears which. */
  readonly language?: string
  /**
   * Whether it is written down, or translated into English. For models that can do both. Default `'transcribe'`; Python
   * leaves it to the model where no language is said either.
   */
  readonly task?: 'transcribe' | 'translate'
  /** Tokens of a text at most, of each window where there are several. Default as the model's files advise. */
  readonly maxNewTokens?: number
  /**
   * Whether `chunks` with times are given: `true` for those of sentences, as Whisper tells them; `'word'` for those of words, which
   * Whisper's `alignment_heads` tell by what they look at, as wav2vec 2.0 does by where it spells them; `'char'` for those of
   * letters, which that one tells too. Default false.
   */
  readonly returnTimestamps?: boolean | 'word' | 'char'
}

const optionChecks = optionsOf<SpeechRecognitionOptions>()({
  language: checks.string,
  task: checks.oneOf('transcribe', 'translate'),
  maxNewTokens: checks.count,
  chunkLength: checks.positive,
  strideLength: checks.either(checks.notNegative, bothSides()),
  returnTimestamps: checks.either(checks.boolean, checks.oneOf('word', 'char')),
  ...runChecks,
})

function bothSides() {
  const isSeconds = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity
  return {
    expected: 'two of them, for the left and the right',
    accepts: (value: unknown): value is readonly [number, number] =>
      Array.isArray(value) && value.length === 2 && value.every(isSeconds),
  }
}

/** What was said. */
export interface RecognizedSpeech {
  readonly text: string
  /** With `returnTimestamps`: what was said when. */
  readonly chunks?: readonly TimedText[]
}

export interface SpeechParts {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly processor: WhisperFeatureExtractor | Wav2Vec2FeatureExtractor
}

/** Text of sounds: samples of the model's rate, or `{ data, samplingRate }`. */
export interface SpeechRecognizer
  extends BatchedCall<Sound | Float32Array, SpeechRecognitionOptions, RecognizedSpeech>,
    SpeechParts {
  readonly task: string
}

const task = 'automatic-speech-recognition'

/** @throws ArgumentError for parts that are missing, or of another kind of model. */
export function speechRecognition({ model, tokenizer, processor }: PipelineParts): SpeechRecognizer {
  const refuse = (expected: string): ArgumentError =>
    new ArgumentError({
      where: `pipeline: ${task}`,
      expected,
      received: Object.entries({ model, tokenizer, processor })
        .flatMap(([name, part]) => (part === undefined ? [] : [`${name}: ${part.constructor.name}`]))
        .join(', '),
    })
  if (!(model instanceof PretrainedModel) || tokenizer === undefined)
    throw refuse('{ model, tokenizer, processor }')
  if (model.network.className.endsWith('ForCTC')) {
    if (!(processor instanceof Wav2Vec2FeatureExtractor))
      throw refuse('a Wav2Vec2FeatureExtractor for this model')
    return recognizer({ model, tokenizer, processor }, spell)
  }
  if (!(processor instanceof WhisperFeatureExtractor))
    throw refuse('a WhisperFeatureExtractor for this model')
  return recognizer({ model, tokenizer, processor }, write)
}

type Recognize<Parts> = (
  parts: Parts,
  samples: Float32Array,
  options: Partial<SpeechRecognitionOptions>,
) => Promise<RecognizedSpeech>

/** Sounds are recognized one by one: each is long. */
function recognizer<Parts extends SpeechParts>(parts: Parts, recognize: Recognize<Parts>): SpeechRecognizer {
  const call = batched<Sound | Float32Array, SpeechRecognitionOptions, RecognizedSpeech>(
    task,
    optionChecks,
    async (sounds, options) => {
      for (const [i, sound] of sounds.entries()) checkSound(sound, i)
      if (sounds.length === 0) return []
      const texts: RecognizedSpeech[] = []
      for (const samples of samplesOf(task, sounds, parts.processor.samplingRate)) {
        options.signal?.throwIfAborted()
        texts.push(await recognize(parts, samples, options))
      }
      return texts
    },
  )
  return Object.assign(call, { task, ...parts })
}

function checkSound(sound: unknown, i: number): void {
  if (typeof sound === 'object' && sound !== null) return
  throw new ArgumentError({
    where: `${task}: sounds[${i}]`,
    expected: 'a Float32Array of samples, or { data, samplingRate }',
    received: sound === null ? 'null' : typeof sound,
  })
}

const spell: Recognize<SpellingParts> = async (parts, samples, options) => {
  const { language, task: asked, maxNewTokens, returnTimestamps = false, ...cut } = options
  if (language !== undefined || asked !== undefined || maxNewTokens !== undefined) {
    throw new ArgumentError({
      where: task,
      expected: 'none of language, task and maxNewTokens for a model that spells what it hears',
      received: Object.keys(options).join(', '),
    })
  }
  if (returnTimestamps === true)
    throw timesRefused("'word' or 'char' for a model that spells what it hears", returnTimestamps)
  return spelledSpeech(task, parts, samples, { ...cut, times: returnTimestamps || undefined })
}

const write: Recognize<WritingParts> = async (parts, samples, options) => {
  const { returnTimestamps: asked = false, ...others } = options
  if (asked === 'char') throw timesRefused("true or 'word' for Whisper", asked)
  const times = asked === 'word' ? 'words' : asked ? 'texts' : undefined
  return writtenSpeech(task, parts, samples, { ...others, times })
}

const timesRefused = (expected: string, received: boolean | string): ArgumentError =>
  new ArgumentError({ where: `${task}: returnTimestamps`, expected, received: JSON.stringify(received) })
