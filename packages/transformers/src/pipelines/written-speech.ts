import { type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { EncodedInput } from '../generation/encoded-input.ts'
import { generateIds } from '../generation/generate.ts'
import { logitsProcessors } from '../generation/sampling/index.ts'
import type { WhisperFeatureExtractor } from '../processors/whisper-feature-extractor.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { generationDefaults } from './generation-defaults.ts'
import { type ChunkOptions, chunkSizes, soundChunks } from './sound-chunks.ts'
import { type TimedText, timedTexts, timedWords, type WrittenPart } from './timed-speech.ts'
import { timestampRules } from './timestamp-rules.ts'
import { WordTimes } from './word-times.ts'

export interface WritingParts {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly processor: WhisperFeatureExtractor
}

export interface WrittenSpeechOptions extends ChunkOptions {
  readonly language?: string
  readonly task?: 'transcribe' | 'translate'
  readonly maxNewTokens?: number
  /** Whether times are told, and of what. Default of nothing. */
  readonly times?: 'texts' | 'words' | undefined
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
  const { longest, samplingRate, hop } = processor
  const { times } = options
  const window = longest / samplingRate
  const writer = new SpeechWriter(where, model, window, options)
  const sizes = chunkSizes(where, options, { samplingRate, align: 1, longest })
  const isLong = sizes === undefined && samples.length > longest
  if (times !== undefined || isLong) writer.checkTimes(times === undefined ? 'sounds' : 'returnTimestamps')
  const wordsAlone = ({ ids, spans, ...part }: WrittenPart): WrittenPart => {
    const isKept = (id: number | undefined) => id !== undefined && !tokenizer.isSpecial(id)
    return {
      ...part,
      ids: ids.filter(isKept),
      ...(spans !== undefined && { spans: spans.filter((_, i) => isKept(ids[i])) }),
    }
  }
  const parts: WrittenPart[] = []
  if (sizes === undefined) {
    const { input_features } = await processor.process(samples, { whole: true })
    const frames = isLong ? Math.floor(samples.length / hop) : Math.ceil(samples.length / hop)
    parts.push(
      wordsAlone(await writer.write(input_features, { isTimed: times !== undefined || isLong, frames })),
    )
  } else {
    for (const { samples: piece, left, right } of soundChunks(samples, sizes)) {
      const { input_features } = await processor.process(piece)
      const written = await writer.write(input_features, {
        isTimed: times !== undefined,
        frames: Math.ceil(piece.length / hop),
      })
      const seconds = (count: number) => count / samplingRate
      parts.push(wordsAlone({ ...written, stride: [seconds(piece.length), seconds(left), seconds(right)] }))
    }
  }
  const scale = { firstTime: writer.firstTime, step: writer.step, window }
  const decode = (ids: readonly number[]) => tokenizer.decode(ids)
  if (times === 'words') {
    const { text, words } = timedWords(parts, scale, decode, writer.spokenLanguage)
    return { text, chunks: words }
  }
  const texts = timedTexts(parts, scale, decode)
  const text = texts.map((one) => one.text).join('')
  return times === undefined ? { text } : { text, chunks: texts }
}

/** Writes down what is heard in the features of one sound after another. */
class SpeechWriter {
  /** The id of the time 0; infinite for a model without times. */
  readonly firstTime: number
  /** Times of a window, and positions of the encoder: each stands for two frames. */
  readonly positions: number
  /** Seconds from one time to the next. */
  readonly step: number
  /** What was spoken last, as `en`, where the model knows several. */
  spokenLanguage: string | undefined
  readonly #where: string
  readonly #model: PretrainedModel
  readonly #options: WrittenSpeechOptions
  readonly #config: ConfigReader
  readonly #words: WordTimes | undefined

  /** @param window seconds that are heard at once. */
  constructor(where: string, model: PretrainedModel, window: number, options: WrittenSpeechOptions) {
    this.#where = where
    this.#model = model
    this.#options = options
    this.#config = new ConfigReader({ ...model.config, ...model.generationConfig }, 'generation_config.json')
    this.firstTime = (this.#config.optionalNumber('no_timestamps_token_id') ?? Number.POSITIVE_INFINITY) + 1
    this.positions = this.#config.count('max_source_positions', 1500)
    this.step = window / this.positions
    if (options.times === 'words') this.#words = WordTimes.of(where, model, this.#config)
  }

  /** @throws ArgumentError for a model without times. */
  checkTimes(name: string): void {
    if (this.firstTime < this.#config.count('vocab_size')) return
    throw new ArgumentError({
      where: `${this.#where}: ${name}`,
      expected:
        name === 'sounds' ? 'no more than the model hears at once' : 'false for a model that tells no times',
      received:
        name === 'sounds'
          ? 'a longer sound'
          : JSON.stringify(this.#options.times === 'words' ? 'word' : true),
      fix: `Its generation_config.json has no no_timestamps_token_id with times behind it.${name === 'sounds' ? ' Cut long sounds by chunkLength.' : ''}`,
    })
  }

  /**
   * @param features (1, mel bins, frames).
   * @param isTimed whether times are written among the words.
   * @param frames how many of the features are of the sound, and not of the silence behind it.
   * @returns words, and times where they are wanted.
   */
  async write(
    features: Tensor,
    { isTimed, frames }: { readonly isTimed: boolean; readonly frames: number },
  ): Promise<Pick<WrittenPart, 'ids' | 'spans'>> {
    const windows = await FeatureWindows.of(features, 2 * this.positions)
    let beginning: readonly number[] | undefined
    const ids: number[] = []
    const ends: number[] = []
    for (let frame = 0; frame < windows.frames; ) {
      this.#options.signal?.throwIfAborted()
      const heard = await EncodedInput.of(this.#model, windows.at(frame))
      beginning ??= await this.#beginning(heard, isTimed)
      const { answer, words } = await this.#generate(heard, beginning, isTimed)
      const { kept, frames: understood } = this.#understood(words)
      ids.push(...kept)
      const positions = (await this.#words?.of(heard, beginning, answer, frames - frame)) ?? []
      const seconds = (frame / 2) * this.step
      // Sums in float32, as Python has them: they are rounded to hundredths, and must be to the same.
      for (const at of positions.slice(0, kept.length))
        ends.push(Math.fround(Math.fround(at * this.step) + seconds))
      frame += understood ?? windows.size
    }
    if (this.#words === undefined) return { ids }
    // A token was said from the end of the one before it on.
    return { ids, spans: ends.map((end, i) => [ends[i - 1] ?? 0, end]) }
  }

  /** @returns an answer, and its words: without the token that ends it. */
  async #generate(
    heard: EncodedInput,
    beginning: readonly number[],
    isTimed: boolean,
  ): Promise<{ readonly answer: readonly number[]; readonly words: readonly number[] }> {
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
    const [[answer] = []] = await generateIds(this.#model, heard, {
      decoderIds: beginning,
      ...(stopIds.length > 0 && { stopIds }),
      maxNewTokens,
      processors: isTimed ? [...usual, times] : usual,
      ...(signal !== undefined && { signal }),
    })
    const { ids = [] } = answer ?? {}
    return { answer: ids, words: ids.filter((id) => !stopIds.includes(id)) }
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
  async #beginning(heard: EncodedInput, isTimed: boolean): Promise<readonly number[]> {
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
    const spoken = name === undefined ? await this.#languageOf(heard, start, ids) : languages.number(name)
    this.spokenLanguage = names[ids.indexOf(spoken)]?.replace(/[<|>]/g, '')
    return [start, spoken, tasks.number(asked ?? 'transcribe'), ...last]
  }

  /** The likeliest language. */
  async #languageOf(heard: EncodedInput, start: number, languages: readonly number[]): Promise<number> {
    const { signal } = this.#options
    const known = new Set(languages)
    const languagesAlone = {
      process(logits: Float32Array) {
        for (const id of logits.keys()) if (!known.has(id)) logits[id] = Number.NEGATIVE_INFINITY
      },
    }
    const [[answer] = []] = await generateIds(this.#model, heard, {
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
