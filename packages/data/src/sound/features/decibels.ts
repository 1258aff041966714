import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { checkFeatures, type SoundFeatures } from './features.ts'

export interface DecibelOptions {
  /** What has 0 decibels: a number, or the greatest of all. Default 1. */
  readonly ref?: number | 'max'
  /** Smaller numbers count as this one. Default 1e-10 of power, 1e-5 of amplitudes. */
  readonly aMin?: number
  /** How far below the highest values end, in decibels; null for no end. Default 80. */
  readonly topDb?: number | null
}

export const refCheck = checks.either(checks.finite, checks.oneOf('max'))

export const decibelChecks = optionsOf<DecibelOptions>()({
  ref: refCheck,
  aMin: checks.positive,
  topDb: checks.orNull(checks.notNegative),
})

function greatest(values: Float32Array | Float64Array): number {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] as number))
  return most
}

/** 10·log₁₀(power / ref), of numbers that stand for power by `powerOf`. */
function decibels(
  values: Float32Array | Float64Array,
  powerOf: (value: number) => number,
  { ref = 1, aMin = 1e-10, topDb = 80 }: DecibelOptions,
): Float32Array {
  const reference = powerOf(ref === 'max' ? greatest(values) : Math.abs(ref))
  const zero = 10 * Math.log10(Math.max(aMin, reference))
  const found = new Float32Array(values.length)
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < found.length; i++) {
    const value = 10 * Math.log10(Math.max(aMin, powerOf(values[i] as number))) - zero
    found[i] = value
    if (value > highest) highest = value
  }
  if (topDb === null) return found
  const lowest = highest - topDb
  for (let i = 0; i < found.length; i++) if ((found[i] as number) < lowest) found[i] = lowest
  return found
}

const square = (value: number): number => value * value

/** Decibels of amplitudes; see {@link amplitudeToDb}. */
export const amplitudeDecibels = (
  values: Float32Array | Float64Array,
  { aMin = 1e-5, ...options }: DecibelOptions,
): Float32Array => decibels(values, square, { ...options, aMin: square(aMin) })

/**
 * Power as decibels, 10·log₁₀(power / ref), as `librosa.power_to_db`.
 *
 * @throws ArgumentError for what are no features or options; DataError for none, and for NaN.
 * @example
 * audio.powerToDb({ data: Float32Array.of(1, 0.1, 1e-20), shape: [1, 3] }).data // Float32Array [0, −10, −80]
 */
export function powerToDb(features: SoundFeatures, options: DecibelOptions = {}): SoundFeatures {
  checkOptions('audio.powerToDb', options, decibelChecks)
  checkFeatures('audio.powerToDb', features)
  return { data: decibels(features.data, (value) => value, options), shape: features.shape }
}

/**
 * Amplitudes as decibels, 20·log₁₀(|amplitude| / ref), as `librosa.amplitude_to_db`.
 *
 * @throws as {@link powerToDb}.
 * @example
 * audio.amplitudeToDb(audio.spectrogram(sound), { ref: 'max' })
 */
export function amplitudeToDb(features: SoundFeatures, options: DecibelOptions = {}): SoundFeatures {
  checkOptions('audio.amplitudeToDb', options, decibelChecks)
  checkFeatures('audio.amplitudeToDb', features)
  return { data: amplitudeDecibels(features.data, options), shape: features.shape }
}
