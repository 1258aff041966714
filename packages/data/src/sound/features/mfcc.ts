import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { MelNorm } from 'typegrad/signals'
import type { MonoSound } from '../sound.ts'
import { type CosineTransformType, cosineTransform } from './cosine-transform.ts'
import { powerToDb } from './decibels.ts'
import type { SoundFeatures } from './features.ts'
import { type MelBandOptions, melBandChecks, melBands, melNormCheck } from './mel-spectrogram.ts'

export interface MfccOptions extends MelBandOptions {
  /** How many coefficients there are, at most `nMels`. Default 20. */
  readonly nMfcc?: number
  /** The kind of discrete cosine transform. Default 2. */
  readonly dctType?: CosineTransformType
  /** Whether the transform's matrix is orthogonal. Default `'ortho'`. */
  readonly norm?: 'ortho' | null
  /** L: coefficient n, from 1 on, is multiplied by 1 + L/2 · sin(π·n / L); 0 for none. Default 0. */
  readonly lifter?: number
  /** The norm of mel bands, as `norm` of `audio.melSpectrogram`. Default `'slaney'`. */
  readonly melNorm?: MelNorm
}

const mfccChecks = optionsOf<MfccOptions>()({
  nMfcc: checks.count,
  dctType: checks.oneOf(1, 2, 3, 4),
  norm: checks.orNull(checks.oneOf('ortho')),
  lifter: checks.notNegative,
  melNorm: melNormCheck,
  ...melBandChecks,
})

/**
 * Mel-frequency cepstral coefficients: the cosine transform of the decibels of mel bands (at most 80 below the loudest), which has
 * the shape of the spectrum in its first numbers (Davis and Mermelstein 1980, https://doi.org/10.1109/TASSP.1980.1163420).
 *
 * Its numbers are those of `librosa.feature.mfcc`, transposed: (frames, nMfcc). The hop's default is 512.
 *
 * @throws as `audio.melSpectrogram`, and ArgumentError for more coefficients than bands.
 * @example
 * const sound = toMono(await readSound('letters/a.wav'))
 * const { data, shape } = audio.mfcc(sound, { nMfcc: 13, nFft: 512, hopLength: 160, nMels: 40 })
 */
export function mfcc(sound: MonoSound, options: MfccOptions = {}): SoundFeatures {
  const where = 'audio.mfcc'
  checkOptions(where, options, mfccChecks)
  const { nMfcc = 20, dctType = 2, norm = 'ortho', lifter = 0, melNorm = 'slaney', nMels = 128 } = options
  if (nMfcc > nMels || (dctType === 1 && nMels < 2))
    throw new ArgumentError({
      where,
      expected:
        nMfcc > nMels ? `an nMfcc of at most nMels, ${nMels}` : 'an nMels of at least 2 for dctType 1',
      received: String(nMfcc > nMels ? nMfcc : nMels),
    })
  const { data: bands, shape } = powerToDb(melBands(where, sound, { ...options, norm: melNorm }))
  const [frames] = shape
  const matrix = cosineTransform(dctType, nMfcc, nMels, norm === 'ortho')
  const data = new Float32Array(frames * nMfcc)
  for (let k = 0; k < nMfcc; k++) {
    const lift = lifter > 0 ? 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter) : 1
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0
      for (let n = 0; n < nMels; n++)
        sum += (matrix[k * nMels + n] as number) * (bands[frame * nMels + n] as number)
      data[frame * nMfcc + k] = sum * lift
    }
  }
  return { data, shape: [frames, nMfcc] }
}
