import { type Tensor, tensor } from 'typegrad'
import { checkOptions, optionsOf, paced, type Work } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { FourierTransform } from './fourier.ts'
import { type MelFilter, melFilters } from './mel.ts'
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
  readonly #fourier: FourierTransform
  readonly #window: Float64Array

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
    this.#filters = melFilters(bands, 1 + Math.floor(length / 2), this.samplingRate, 8000)
    this.#fourier = new FourierTransform(length)
    // Hann's window, as a period.
    this.#window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length))
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
    const { length } = this.#fourier
    const half = length / 2
    const frames = Math.floor(total / this.hop)
    const sample = (at: number): number => {
      // The first and the last half of a window hear the sound mirrored.
      const mirrored = at < 0 ? -at : at >= total ? 2 * (total - 1) - at : at
      return samples[mirrored] ?? 0
    }
    const x = { re: new Float64Array(length), im: new Float64Array(length) }
    const spectrum = { re: new Float64Array(length), im: new Float64Array(length) }
    const power = new Float64Array(1 + half)
    let loudest = Number.NEGATIVE_INFINITY
    for (let frame = 0; frame < frames; frame++) {
      const start = frame * this.hop - half
      for (let n = 0; n < length; n++) x.re[n] = sample(start + n) * (this.#window[n] as number)
      // Most of a short sound is the silence behind it.
      const isSilent = x.re.every((value) => value === 0)
      if (!isSilent) this.#fourier.transform(x, spectrum)
      for (let bin = 0; bin <= half; bin++)
        power[bin] = isSilent ? 0 : (spectrum.re[bin] as number) ** 2 + (spectrum.im[bin] as number) ** 2
      for (const [band, { first, weights }] of this.#filters.entries()) {
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += (weights[k] as number) * (power[first + k] as number)
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
