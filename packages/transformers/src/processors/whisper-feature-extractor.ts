import { type Tensor, tensor } from 'typegrad'
import { checkOptions, optionsOf, paced, type Work } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { FrameSpectra, type MelFilter, melFilters, sumBands, windowOf } from 'typegrad/signals'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type Sound, samplesOf } from './sound.ts'

export interface WhisperProcessOptions {
  /** Whether sounds longer than what is heard at once stay whole, with as many frames as the longest has. Default false. */
  readonly whole?: boolean
}

const processChecks = optionsOf<WhisperProcessOptions>()({ whole: checks.boolean })

/** What {@link WhisperFeatureExtractor} gives. */
export interface WhisperFeatures {
  /** (batch, mel bins, frames): 80 or 128 of 3000 frames of ten milliseconds each. */
  readonly input_features: Tensor
}

/**
 * Sounds → `input_features` of Whisper: the logarithm of the power in each of the mel scale's bands, ten milliseconds a
 * frame, cut or filled up with silence to 30 seconds.
 *
 * Its numbers are those of Hugging Face's `WhisperFeatureExtractor` to 1e-5; Python computes in float32, this in float64.
 *
 * @example
 * const extractor = new WhisperFeatureExtractor({ feature_extractor_type: 'WhisperFeatureExtractor' })
 * const { input_features } = await extractor.process(new Float32Array(16_000)) // (1, 80, 3000)
 */
export class WhisperFeatureExtractor {
  /** Samples a second. */
  readonly samplingRate: number
  /** Samples that are heard at once; what is longer is cut off, unless sounds are to stay whole. */
  readonly longest: number
  /** Samples from one frame to the next. */
  readonly hop: number
  readonly #filters: readonly MelFilter[]
  readonly #spectra: FrameSpectra

  /**
   * @param config `preprocessor_config.json`.
   * @throws ArgumentError for what is not done, such as dithering; FormatError for entries that are none.
   */
  constructor(config: RawConfig) {
    const reader = new ConfigReader(config, 'preprocessor_config.json')
    reader.refuse('dither', '0', (value) => value !== 0)
    reader.refuse('do_normalize', 'false', (value) => value === true)
    reader.refuse('padding_value', '0', (value) => value !== 0)
    this.samplingRate = reader.count('sampling_rate', 16_000)
    this.hop = reader.count('hop_length', 160)
    this.longest = reader.count('chunk_length', 30) * this.samplingRate
    const length = reader.count('n_fft', 400)
    const bands = reader.count('feature_size', 80)
    const frequencies = Array.from(
      { length: 1 + Math.floor(length / 2) },
      (_, k) => (k * this.samplingRate) / length,
    )
    const range = { lowest: 0, highest: 8000 }
    this.#filters = melFilters(bands, frequencies, { ...range, scale: 'slaney', norm: 'slaney' })
    this.#spectra = new FrameSpectra({
      length,
      hop: this.hop,
      window: windowOf('WhisperFeatureExtractor', 'hann', length, { periodic: true }),
      padding: 'reflect',
    })
  }

  /**
   * @param sounds one or several, `{ data, samplingRate }` or samples of this extractor's rate.
   * @throws ArgumentError for what is no sound, is empty or of another rate, and for options that are none.
   */
  async process(
    sounds: Sound | Float32Array | readonly (Sound | Float32Array)[],
    options: WhisperProcessOptions = {},
  ): Promise<WhisperFeatures> {
    checkOptions('WhisperFeatureExtractor.process', options, processChecks)
    const all = samplesOf('WhisperFeatureExtractor', sounds, this.samplingRate)
    const longest = Math.max(...all.map(({ length }) => length))
    const total = options.whole === true ? Math.max(longest, this.longest) : this.longest
    const frames = Math.floor(total / this.hop)
    const bands = this.#filters.length
    const values = new Float32Array(all.length * bands * frames)
    for (const [i, samples] of all.entries())
      await paced(this.#logMel(samples, total, values.subarray(i * bands * frames, (i + 1) * bands * frames)))
    return { input_features: tensor(values).reshape([all.length, bands, frames]) }
  }

  /** Writes (bands, frames). @param total samples with the silence behind them. */
  *#logMel(samples: Float32Array, total: number, out: Float32Array): Work<void> {
    const frames = Math.floor(total / this.hop)
    const heard = new Float32Array(total)
    heard.set(samples.subarray(0, total))
    const power = new Float64Array(this.#filters.length)
    let loudest = Number.NEGATIVE_INFINITY
    for (let frame = 0; frame < frames; frame++) {
      sumBands(this.#filters, this.#spectra.power(heard, frame), power)
      for (const [band, sum] of power.entries()) {
        const logarithm = Math.log10(Math.max(sum, 1e-10))
        loudest = Math.max(loudest, logarithm)
        out[band * frames + frame] = logarithm
      }
      yield
    }
    // Nothing is softer than the loudest by more than 80 dB.
    for (let i = 0; i < out.length; i++) out[i] = (Math.max(out[i] as number, loudest - 8) + 4) / 4
  }
}
