import { type Tensor, tensor } from 'typegrad'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type Sound, samplesOf } from './sound.ts'

/** What {@link Wav2Vec2FeatureExtractor} gives. */
export interface Wav2Vec2Features {
  /** (batch, samples of the longest) */
  readonly input_values: Tensor
  /** Which samples the network is to tell from padding: (batch, samples), int32. */
  readonly attention_mask: Tensor
}

/**
 * Sounds → `input_values` of wav2vec 2.0: each of mean 0 and variance 1, shorter ones filled up behind.
 *
 * Its numbers are those of Hugging Face's `Wav2Vec2FeatureExtractor` with `padding=True` to 1e-5. Networks that were trained
 * without a mask (`return_attention_mask` false) get one in which all counts, and sounds are then normalized with their
 * padding, as in Python: process sounds of different lengths one by one for the same as alone.
 *
 * @example
 * const extractor = new Wav2Vec2FeatureExtractor({ feature_extractor_type: 'Wav2Vec2FeatureExtractor' })
 * const { input_values } = await extractor.process(Float32Array.of(0, 1, 0, -1)) // (1, 4)
 */
export class Wav2Vec2FeatureExtractor {
  /** Samples a second. */
  readonly samplingRate: number
  readonly #normalizes: boolean
  readonly #masks: boolean
  readonly #padding: number

  /**
   * @param config `preprocessor_config.json`.
   * @throws ArgumentError for what is not done, such as padding in front; FormatError for entries that are none.
   */
  constructor(config: RawConfig) {
    const reader = new ConfigReader(config, 'preprocessor_config.json')
    reader.refuse('feature_size', '1', (value) => value !== 1)
    reader.refuse('padding_side', "'right'", (value) => value !== 'right')
    this.samplingRate = reader.count('sampling_rate', 16_000)
    this.#normalizes = reader.boolean('do_normalize', true)
    this.#masks = reader.boolean('return_attention_mask', false)
    this.#padding = reader.number('padding_value', 0)
  }

  /**
   * @param sounds one or several, `{ data, samplingRate }` or samples of this extractor's rate.
   * @throws ArgumentError for what is no sound, is empty or of another rate.
   */
  async process(sounds: Sound | Float32Array | readonly (Sound | Float32Array)[]): Promise<Wav2Vec2Features> {
    const all = samplesOf('Wav2Vec2FeatureExtractor', sounds, this.samplingRate)
    const longest = Math.max(...all.map(({ length }) => length))
    const values = new Float32Array(all.length * longest).fill(this.#padding)
    const mask = new Int32Array(values.length)
    for (const [i, samples] of all.entries()) {
      const row = values.subarray(i * longest, (i + 1) * longest)
      row.set(samples)
      const counted = this.#masks ? samples.length : longest
      mask.fill(1, i * longest, i * longest + counted)
      if (this.#normalizes) normalize(row.subarray(0, counted))
    }
    const shape = [all.length, longest]
    return {
      input_values: tensor(values).reshape(shape),
      attention_mask: tensor(mask, { dtype: 'int32' }).reshape(shape),
    }
  }
}

/** Mean 0 and variance 1, in place. */
function normalize(values: Float32Array): void {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const deviation = Math.sqrt(squares / values.length + 1e-7)
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - mean) / deviation
}
