import { Tensor } from 'typegrad'
import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
import { logitsProcessors } from '../generation/sampling/index.ts'
import type { Sound } from '../processors/sound.ts'
import { Wav2Vec2FeatureExtractor } from '../processors/wav2vec2-feature-extractor.ts'
import { WhisperFeatureExtractor } from '../processors/whisper-feature-extractor.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { type BatchedCall, batched, runChecks } from './batched.ts'
import { generationDefaults } from './generation-defaults.ts'
import type { PipelineParts } from './parts.ts'
import type { RunOptions } from './rows.ts'
import { largestAt } from './scores.ts'

export interface SpeechRecognitionOptions extends RunOptions {
  /** The language that is spoken, as `en`, for models that know several. Default: the model hears which. */
  readonly language?: string
  /**
   * Whether it is written down, or translated into English. For models that can do both. Default `'transcribe'`; Python
   * leaves it to the model where no language is said either.
   */
  readonly task?: 'transcribe' | 'translate'
  /** Tokens of a text at most. Default as the model's files advise. */
  readonly maxNewTokens?: number
}

const optionChecks = optionsOf<SpeechRecognitionOptions>()({
  language: checks.string,
  task: checks.oneOf('transcribe', 'translate'),
  maxNewTokens: checks.count,
  ...runChecks,
})

/** What was said. */
export interface RecognizedSpeech {
  readonly text: string
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
    return recognizer({ model, tokenizer, processor }, (sound, options) =>
      spelled(model, tokenizer, processor, sound, options),
    )
  }
  if (!(processor instanceof WhisperFeatureExtractor))
    throw refuse('a WhisperFeatureExtractor for this model')
  return recognizer({ model, tokenizer, processor }, (sound, options) =>
    written(model, tokenizer, processor, sound, options),
  )
}

type Recognize = (
  sound: Sound | Float32Array,
  options: Partial<SpeechRecognitionOptions>,
) => Promise<RecognizedSpeech>

/** Sounds are recognized one by one: each is long. */
function recognizer(parts: SpeechParts, recognize: Recognize): SpeechRecognizer {
  const call = batched<Sound | Float32Array, SpeechRecognitionOptions, RecognizedSpeech>(
    task,
    optionChecks,
    async (sounds, options) => {
      for (const [i, sound] of sounds.entries()) checkSound(sound, i)
      const texts: RecognizedSpeech[] = []
      for (const sound of sounds) {
        options.signal?.throwIfAborted()
        texts.push(await recognize(sound, options))
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

/** wav2vec 2.0: the likeliest letter of each moment (Graves et al. 2006, "Connectionist temporal classification"). */
async function spelled(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  processor: Wav2Vec2FeatureExtractor,
  sound: Sound | Float32Array,
  options: Partial<SpeechRecognitionOptions>,
): Promise<RecognizedSpeech> {
  const { language, task: asked, maxNewTokens, signal } = options
  if (language !== undefined || asked !== undefined || maxNewTokens !== undefined) {
    throw new ArgumentError({
      where: task,
      expected: 'none of language, task and maxNewTokens for a model that spells what it hears',
      received: Object.keys(options).join(', '),
    })
  }
  const inputs = await processor.process(sound)
  const { logits } = await model.predict(
    Object.fromEntries(
      Object.entries(inputs).filter(([name]) => model.network.takes.some((one) => one.name === name)),
    ),
    { ...(signal !== undefined && { signal }) },
  )
  if (!(logits instanceof Tensor)) throw new Error('CTC has logits')
  const data = (await logits.data()) as Float32Array
  const letters = logits.shape.at(-1) as number
  const tokens = Array.from({ length: data.length / letters }, (_, frame) =>
    tokenizer.idToToken(largestAt(data.subarray(frame * letters, (frame + 1) * letters))),
  )
  return { text: tokenizer.tokensToText(tokens.filter((token) => token !== undefined)).trim() }
}

/** Whisper: a text begins with its language, what is to be done, and that no times are wanted. */
async function written(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  processor: WhisperFeatureExtractor,
  sound: Sound | Float32Array,
  options: Partial<SpeechRecognitionOptions>,
): Promise<RecognizedSpeech> {
  checkLength(processor, sound)
  const { input_features: features } = await processor.process(sound)
  const { generate, logits } = generationDefaults(model)
  const decoderIds = await beginningOf(model, features, options)
  const { stopIds } = generate
  // The advised length of the whole is that of what is heard, as Python has it: the beginning does not count.
  const { maxNewTokens = generate.maxNewTokens ?? generate.maxLength ?? 448, signal } = options
  const [[answer] = []] = await generateIds(model, features, {
    decoderIds,
    ...(stopIds !== undefined && { stopIds }),
    maxNewTokens,
    processors: logitsProcessors(logits, { promptLength: decoderIds.length, endTokens: stopIds ?? [] }),
    ...(signal !== undefined && { signal }),
  })
  return { text: tokenizer.decode(answer?.ids ?? [], { skipSpecialTokens: true }) }
}

function checkLength({ samplingRate, longest }: WhisperFeatureExtractor, sound: Sound | Float32Array): void {
  const { length } = sound instanceof Float32Array ? sound : sound.data
  if (length <= longest) return
  throw new ArgumentError({
    where: task,
    expected: `sounds of at most ${longest / samplingRate} seconds`,
    received: `${(length / samplingRate).toFixed(1)} seconds`,
    fix: 'Cut longer ones where there is silence: sound.subarray(from, to).',
  })
}

/** The decoder's first tokens, as `generation_config.json` has them. */
async function beginningOf(
  model: PretrainedModel,
  features: Tensor,
  { language, task: asked, signal }: Partial<SpeechRecognitionOptions>,
): Promise<readonly number[]> {
  const config = new ConfigReader({ ...model.config, ...model.generationConfig }, 'generation_config.json')
  const start = config.count('decoder_start_token_id')
  const languages = config.within('lang_to_id')
  const tasks = config.within('task_to_id')
  const refuse = (name: string, expected: string, received: string): ArgumentError =>
    new ArgumentError({ where: `${task}: ${name}`, expected, received: `'${received}'` })
  const silent = config.optionalNumber('no_timestamps_token_id')
  if (languages === undefined || tasks === undefined) {
    if (language !== undefined) throw refuse('language', 'none: this model knows one', language)
    if (asked === 'translate') throw refuse('task', "'transcribe': this model does not translate", asked)
    const forced = forcedIds(config.raw.forced_decoder_ids)
    return [start, ...(forced.length > 0 ? forced : silent === undefined ? [] : [silent])]
  }
  const names = Object.keys(languages.raw)
  const name = language === undefined ? undefined : names.find((one) => one === `<|${language}|>`)
  if (language !== undefined && name === undefined) {
    throw refuse('language', `one of ${names.map((one) => one.replace(/[<|>]/g, '')).join(', ')}`, language)
  }
  const ids = names.map((one) => languages.number(one))
  const spoken =
    name === undefined ? await heard(model, features, start, ids, signal) : languages.number(name)
  return [start, spoken, tasks.number(asked ?? 'transcribe'), ...(silent === undefined ? [] : [silent])]
}

/** Folders of before 2024: pairs of a place and a token. */
function forcedIds(pairs: unknown): readonly number[] {
  const list = Array.isArray(pairs) ? pairs : []
  return list.flatMap((pair) => (Array.isArray(pair) && typeof pair[1] === 'number' ? [pair[1]] : []))
}

/** The likeliest language. */
async function heard(
  model: PretrainedModel,
  features: Tensor,
  start: number,
  languages: readonly number[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const known = new Set(languages)
  const languagesAlone = {
    process(logits: Float32Array) {
      for (const id of logits.keys()) if (!known.has(id)) logits[id] = Number.NEGATIVE_INFINITY
    },
  }
  const [[answer] = []] = await generateIds(model, features, {
    decoderIds: [start],
    maxNewTokens: 1,
    processors: [languagesAlone],
    ...(signal !== undefined && { signal }),
  })
  return answer?.ids[0] as number
}
