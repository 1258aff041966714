import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type MelNorm, melFilters, sumBands } from 'typegrad/signals'
import type { MonoSound } from '../sound.ts'
import { checkSound, type SoundFeatures } from './features.ts'
import { raise, type SpectrogramOptions, spectraOf, spectrogramChecks } from './stft.ts'

/** What mel bands are made by, but for their norm. */
export interface MelBandOptions extends SpectrogramOptions {
  /** How many bands there are. Default 128. */
  readonly nMels?: number
  /** Where the lowest band begins, in Hz. Default 0. */
  readonly fMin?: number
  /** Where the highest band ends, in Hz. Default null: half the sampling rate. */
  readonly fMax?: number | null
  /** Whether the mel scale is that of HTK, and not Slaney's. Default false. */
  readonly htk?: boolean
}

export interface MelSpectrogramOptions extends MelBandOptions {
  /**
   * What a band's weights are divided by: half its width in Hz ('slaney'), their p-norm (Infinity: the greatest), or null for
   * nothing. Default `'slaney'`.
   */
  readonly norm?: MelNorm
}

export const melBandChecks = optionsOf<MelBandOptions>()({
  nMels: checks.count,
  fMin: checks.notNegative,
  fMax: checks.orNull(checks.positive),
  htk: checks.boolean,
  ...spectrogramChecks,
})

export const melNormCheck = {
  expected: "'slaney', a number above 0, or null",
  accepts: (value: unknown): boolean =>
    value === 'slaney' || value === null || (typeof value === 'number' && value > 0),
}

export const melSpectrogramChecks = optionsOf<MelSpectrogramOptions>()({
  norm: melNormCheck,
  ...melBandChecks,
})

/** The mel bands of a sound by options that were checked; see {@link melSpectrogram}. */
export function melBands(where: string, sound: MonoSound, options: MelSpectrogramOptions): SoundFeatures {
  const {
    nFft = 2048,
    hopLength = 512,
    power = 2,
    nMels = 128,
    fMin = 0,
    fMax,
    htk,
    norm = 'slaney',
  } = options
  checkSound(where, sound)
  const { samplingRate } = sound
  const highest = fMax ?? samplingRate / 2
  if (fMin >= highest || highest > samplingRate / 2)
    throw new ArgumentError({
      where,
      expected: `fMin below fMax, and fMax at most half the sampling rate, ${samplingRate / 2}`,
      received: `${fMin} and ${highest}`,
    })
  const { spectra, frames } = spectraOf(where, sound, { ...options, hopLength })
  const filters = melFilters(
    nMels,
    Float64Array.from({ length: spectra.bins }, (_, k) => (k * samplingRate) / nFft),
    { lowest: fMin, highest, scale: htk === true ? 'htk' : 'slaney', norm },
  )
  const data = new Float32Array(frames * nMels)
  for (let frame = 0; frame < frames; frame++)
    sumBands(filters, raise(spectra.power(sound.data, frame), power), data, frame * nMels)
  return { data, shape: [frames, nMels] }
}

/**
 * The power of a sound in bands that are as wide as the ear hears them. The hop's default is 512 here, and `power` is 2.
 *
 * Its numbers are those of `librosa.feature.melspectrogram`, transposed: (frames, nMels). A band that is so narrow that it lies
 * between two frequencies is 0 in all frames: there are more bands than so few samples of a frame can tell apart.
 *
 * @throws as `audio.stft`, and ArgumentError for frequencies that the sound does not have.
 * @example
 * const sound = toMono(await readSound('letters/a.wav'))
 * const decibels = audio.powerToDb(audio.melSpectrogram(sound, { nFft: 512, hopLength: 160, nMels: 40 }))
 */
export function melSpectrogram(sound: MonoSound, options: MelSpectrogramOptions = {}): SoundFeatures {
  checkOptions('audio.melSpectrogram', options, melSpectrogramChecks)
  return melBands('audio.melSpectrogram', sound, options)
}
