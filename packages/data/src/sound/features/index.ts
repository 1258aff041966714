import { amplitudeToDb, powerToDb } from './decibels.ts'
import { delta } from './delta.ts'
import { rms, zeroCrossingRate } from './loudness.ts'
import { melSpectrogram } from './mel-spectrogram.ts'
import { mfcc } from './mfcc.ts'
import { preEmphasis } from './pre-emphasis.ts'
import { split, trim } from './silence.ts'
import { spectrogram, stft } from './stft.ts'

/**
 * Features of sounds, equal to librosa's, with a row for each step of time. Sounds are `{ data, samplingRate }` of one channel.
 *
 * @example
 * const sound = audio.trim(toMono(await readSound('letters/a.wav')))
 * const { data, shape } = audio.mfcc(sound, { nMfcc: 13 })
 * tensor(data, { shape }) // (steps, 13)
 */
export const audio = {
  amplitudeToDb,
  delta,
  melSpectrogram,
  mfcc,
  powerToDb,
  preEmphasis,
  rms,
  spectrogram,
  split,
  stft,
  trim,
  zeroCrossingRate,
} as const

export type { CosineTransformType } from './cosine-transform.ts'
export type { DecibelOptions } from './decibels.ts'
export type { DeltaOptions } from './delta.ts'
export type { SoundFeatures } from './features.ts'
export type { FramingOptions, RmsOptions, ZeroCrossingOptions } from './loudness.ts'
export type { MelBandOptions, MelSpectrogramOptions } from './mel-spectrogram.ts'
export type { MfccOptions } from './mfcc.ts'
export type { PreEmphasisOptions } from './pre-emphasis.ts'
export type { SilenceOptions, TrimmedSound } from './silence.ts'
export type { ComplexSpectrogram, SpectrogramOptions, StftOptions } from './stft.ts'
