import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type SavitzkyGolayOptions, savitzkyGolay } from '../../denoising/savitzky-golay.ts'
import { checkFeatures, type SoundFeatures } from './features.ts'

export interface DeltaOptions {
  /** How many steps a polynomial is fitted to: odd, at least 3. Default 9. */
  readonly width?: number
  /** Which derivative is given, and the degree of the polynomials. Default 1. */
  readonly order?: number
  /** What stands beyond the ends, as `mode` of `denoise.savitzkyGolay`. Default `'interp'`. */
  readonly mode?: SavitzkyGolayOptions['mode'] & string
}

const deltaChecks = optionsOf<DeltaOptions>()({
  width: {
    expected: 'an odd whole number of at least 3',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 3 && (value as number) % 2 === 1,
  },
  order: checks.count,
  mode: checks.oneOf('interp', 'mirror', 'nearest', 'wrap', 'constant'),
})

/**
 * How features change from step to step: the slopes of polynomials that are fitted to the steps around each, as
 * `librosa.feature.delta`.
 *
 * @throws ArgumentError for an order that is not below the width, and with 'interp' for fewer steps than the width; as
 * `audio.powerToDb` for what are no features.
 * @example
 * const coefficients = audio.mfcc(sound)
 * const [slopes, curvatures] = [audio.delta(coefficients), audio.delta(coefficients, { order: 2 })]
 */
export function delta(features: SoundFeatures, options: DeltaOptions = {}): SoundFeatures {
  const where = 'audio.delta'
  checkOptions(where, options, deltaChecks)
  checkFeatures(where, features)
  const { width = 9, order = 1, mode = 'interp' } = options
  const [steps, count] = features.shape
  if (order >= width || (mode === 'interp' && width > steps))
    throw new ArgumentError({
      where,
      expected:
        order >= width ? `an order below the width of ${width}` : `a width of at most ${steps}, the steps`,
      received: String(order >= width ? order : width),
      ...(order < width && { fix: "mode: 'nearest' and others take longer ones." }),
    })
  const data = new Float32Array(features.data.length)
  for (let k = 0; k < count; k++) {
    const series = Float64Array.from({ length: steps }, (_, t) => features.data[t * count + k] as number)
    const slopes = savitzkyGolay(series, { window: width, order, derivative: order, mode })
    for (let t = 0; t < steps; t++) data[t * count + k] = slopes[t] as number
  }
  return { data, shape: features.shape }
}
