import { type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { generateIds } from '../generation/generate.ts'
import { logitsProcessors } from '../generation/sampling/index.ts'
import type { WhisperFeatureExtractor } from '../processors/whisper-feature-extractor.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { generationDefaults } from './generation-defaults.ts'
import { type ChunkOptions, chunkSizes, soundChunks } from './sound-chunks.ts'
import { type TimedText, timedTexts, type WrittenPart } from './timed-speech.ts'
import { timestampRules } from './timestamp-rules.ts'

export interface WritingParts {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly processor: WhisperFeatureExtractor
}

export interface WrittenSpeechOptions extends ChunkOptions {
  readonly language?: string
  readonly task?: 'transcribe' | 'translate'
  readonly maxNewTokens?: number
  /** Whether times are told. */
  readonly isTimed?: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Whisper: a text begins with its language, what is to be done, and whether times are wanted.
 *
 * A sound that is longer than what is heard at once is cut into pieces that overlap where `chunkLength` is said, whose texts are
 * joined by what is equal in them. Otherwise it is heard window by window, each from the end of what the one before it
 * understood, which the model tells by its times (Radford et al. 2022, https://arxiv.org/abs/2212.04356, section 3.8).
 *
 * @param where what errors say.
 */
export async function writtenSpeech(
  where: string,
  { model, tokenizer, processor }: WritingParts,
  samples: Float32Array,
  options: WrittenSpeechOptions,
): Promise<{ readonly text: string; readonly chunks?: readonly TimedText[] }> {
  const { longest, samplingRate } = processor
  const { isTimed = false } = options
  const writer = new SpeechWriter(where, model, options)
  const sizes = chunkSizes(where, options, { samplingRate, align: 1, longest })
  const isLong = sizes === undefined && samples.length > longest
  if (isTimed || isLong) writer.checkTimes(isTimed ? 'returnTimestamps' : 'sounds')
  const parts: WrittenPart[] = []
  if (sizes === undefined) {
    const { input_features } = await processor.process(samples, { whole: true })
    parts.push({ ids: await writer.write(input_features, isTimed || isLong) })
  } else {
    for (const { samples: piece, left, right } of soundChunks(samples, sizes)) {
      const { input_features } = await processor.process(piece)
      const ids = await writer.write(input_features, isTimed)
      const seconds = ({ length }: Float32Array) => length / samplingRate
      parts.push({ ids, stride: [seconds(piece), left / samplingRate, right / samplingRate] })
    }
  }
  const window = longest / samplingRate
  const scale = { firstTime: writer.firstTime, step: window / writer.positions, window }
  const texts = timedTexts(
    parts.map((part) => ({ ...part, ids: part.ids.filter((id) => !tokenizer.isSpecial(id)) })),
    scale,
    (ids) => tokenizer.decode(ids),
  )
  const text = texts.map((one) => one.text).join('')
  return isTimed ? { text, chunks: texts } : { text }
}

/** Writes down what is heard in the features of one sound after another. */
class SpeechWriter {
  /** The id of the time 0; infinite for a model without times. */
  readonly firstTime: number
  /** Times of a window, and positions of the encoder: each stands for two frames. */
  readonly positions: number
  readonly #where: string
  readonly #model: PretrainedModel
  readonly #options: WrittenSpeechOptions
  readonly #config: ConfigReader

  constructor(where: string, model: PretrainedModel, options: WrittenSpeechOptions) {
    this.#where = where
    this.#model = model
    this.#options = options
    this.#config = new ConfigReader({ ...model.config, ...model.generationConfig }, 'generation_config.json')
    this.firstTime = (this.#config.optionalNumber('no_timestamps_token_id') ?? Number.POSITIVE_INFINITY) + 1
    this.positions = this.#config.count('max_source_positions', 1500)
  }

  /** @throws ArgumentError for a model without times. */
  checkTimes(name: string): void {
    if (this.firstTime < this.#config.count('vocab_size')) return
    throw new ArgumentError({
      where: `${this.#where}: ${name}`,
      expected:
        name === 'sounds' ? 'no more than the model hears at once' : 'false for a model that tells no times',
      received: name === 'sounds' ? 'a longer sound' : 'true',
      fix: `Its generation_config.json has no no_timestamps_token_id with times behind it.${name === 'sounds' ? ' Cut long sounds by chunkLength.' : ''}`,
    })
  }

  /** @param features (1, mel bins, frames). @returns words, and times where they are wanted. */
  async write(features: Tensor, isTimed: boolean): Promise<readonly number[]> {
    const windows = await FeatureWindows.of(features, 2 * this.positions)
    const beginning = await this.#beginning(windows.at(0), isTimed)
    const ids: number[] = []
    for (let frame = 0; frame < windows.frames; ) {
      this.#options.signal?.throwIfAborted()
      const heard = await this.#generate(windows.at(frame), beginning, isTimed)
      const { kept, frames } = this.#understood(heard)
      ids.push(...kept)
      frame += frames ?? windows.size
    }
    return ids
  }

  async #generate(
    window: Tensor,
    beginning: readonly number[],
    isTimed: boolean,
  ): Promise<readonly number[]> {
    const { generate, logits } = generationDefaults(this.#model)
    const { stopIds = [] } = generate
    // The advised length of the whole is that of what is heard, as Python has it: the beginning does not count.
    const { maxNewTokens = generate.maxNewTokens ?? generate.maxLength ?? 448, signal } = this.#options
    const usual = logitsProcessors(logits, { promptLength: beginning.length, endTokens: stopIds })
    const times = timestampRules({
      firstTime: this.firstTime,
      endToken: stopIds[0] ?? this.firstTime,
      promptLength: beginning.length,
      latestStart: this.#config.optionalNumber('max_initial_timestamp_index'),
    })
    const [[answer] = []] = await generateIds(this.#model, window, {
      decoderIds: beginning,
      ...(stopIds.length > 0 && { stopIds }),
      maxNewTokens,
      processors: isTimed ? [...usual, times] : usual,
      ...(signal !== undefined && { signal }),
    })
    return answer?.ids.filter((id) => !stopIds.includes(id)) ?? []
  }

  /**
   * What of a window's text is kept, and how many of its frames were understood by that (all, where nothing is said). Behind two
   * times in a row another text begins: where that does not end, it is heard again from its beginning.
   */
  #understood(ids: readonly number[]): { readonly kept: readonly number[]; readonly frames?: number } {
    const isTime = (at: number) => (ids[at] ?? 0) >= this.firstTime
    const begins = ids.findLastIndex((_, i) => i > 0 && isTime(i) && isTime(i - 1))
    const isWhole = begins === -1 || (isTime(ids.length - 1) && !isTime(ids.length - 2))
    if (isWhole) return { kept: ids }
    const end = (ids[begins - 1] as number) - this.firstTime
    return { kept: ids.slice(0, begins + 1), frames: 2 * end }
  }

  /** The decoder's first tokens, as `generation_config.json` has them. */
  async #beginning(window: Tensor, isTimed: boolean): Promise<readonly number[]> {
    const { language, task: asked } = this.#options
    const config = this.#config
    const start = config.count('decoder_start_token_id')
    const languages = config.within('lang_to_id')
    const tasks = config.within('task_to_id')
    const refuse = (name: string, expected: string, received: string): ArgumentError =>
      new ArgumentError({ where: `${this.#where}: ${name}`, expected, received: `'${received}'` })
    const withoutTimes = config.optionalNumber('no_timestamps_token_id')
    const last = isTimed || withoutTimes === undefined ? [] : [withoutTimes]
    if (languages === undefined || tasks === undefined) {
      if (language !== undefined) throw refuse('language', 'none: this model knows one', language)
      if (asked === 'translate') throw refuse('task', "'transcribe': this model does not translate", asked)
      const forced = forcedIds(config.raw.forced_decoder_ids)
      if (forced.length === 0) return [start, ...last]
      return [start, ...(isTimed ? forced.filter((id) => id !== withoutTimes) : forced)]
    }
    const names = Object.keys(languages.raw)
    const name = language === undefined ? undefined : names.find((one) => one === `<|${language}|>`)
    if (language !== undefined && name === undefined) {
      throw refuse('language', `one of ${names.map((one) => one.replace(/[<|>]/g, '')).join(', ')}`, language)
    }
    const ids = names.map((one) => languages.number(one))
    const spoken =
      name === undefined ? await this.#spokenLanguage(window, start, ids) : languages.number(name)
    return [start, spoken, tasks.number(asked ?? 'transcribe'), ...last]
  }

  /** The likeliest language. */
  async #spokenLanguage(window: Tensor, start: number, languages: readonly number[]): Promise<number> {
    const { signal } = this.#options
    const known = new Set(languages)
    const languagesAlone = {
      process(logits: Float32Array) {
        for (const id of logits.keys()) if (!known.has(id)) logits[id] = Number.NEGATIVE_INFINITY
      },
    }
    const [[answer] = []] = await generateIds(this.#model, window, {
      decoderIds: [start],
      maxNewTokens: 1,
      processors: [languagesAlone],
      ...(signal !== undefined && { signal }),
    })
    return answer?.ids[0] as number
  }
}

/** Folders of before 2024: pairs of a place and a token. */
function forcedIds(pairs: unknown): readonly number[] {
  const list = Array.isArray(pairs) ? pairs : []
  return list.flatMap((pair) => (Array.isArray(pair) && typeof pair[1] === 'number' ? [pair[1]] : []))
}

/** Windows of one sound's features. */
class FeatureWindows {
  /** Frames of a window. */
  readonly size: number
  /** Frames of the sound. */
  readonly frames: number
  readonly #data: Float32Array

  private constructor(data: Float32Array, frames: number, size: number) {
    this.#data = data
    this.frames = frames
    this.size = size
  }

  /** @param features (1, mel bins, frames) */
  static async of(features: Tensor, size: number): Promise<FeatureWindows> {
    return new FeatureWindows((await features.data()) as Float32Array, features.shape.at(-1) as number, size)
  }

  /** (1, mel bins, size) from a frame on; zeros behind the sound's end. */
  at(from: number): Tensor {
    const bins = this.#data.length / this.frames
    const window = new Float32Array(bins * this.size)
    const to = Math.min(this.frames, from + this.size)
    for (let bin = 0; bin < bins; bin++) {
      const row = this.#data.subarray(bin * this.frames + from, bin * this.frames + to)
      window.set(row, bin * this.size)
    }
    return tensor(window, { shape: [1, bins, this.size] })
  }
}
