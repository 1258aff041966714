import { exponentialSmoothing, hampel, rollingMean, rollingMedian } from './rolling.ts'
import { savitzkyGolay } from './savitzky-golay.ts'
import { waveletShrink } from './wavelets/shrink.ts'

/**
 * Functions that take noise out of a series, which has to be in order. All but `exponentialSmoothing` and windows that are `'trailing'`
 * look at numbers that come later: what forecasts must not be given theirs.
 *
 * @example
 * denoise.hampel([1, 1, 9, 1, 2])                       // Float64Array [1, 1, 1, 1, 2]
 * denoise.savitzkyGolay(readings, { window: 11, order: 3 })
 */
export const denoise = {
  exponentialSmoothing,
  hampel,
  rollingMean,
  rollingMedian,
  savitzkyGolay,
  waveletShrink,
} as const

export {
  type Corruption,
  type DenoisingAutoencoder,
  type DenoisingAutoencoderOptions,
  trainDenoisingAutoencoder,
} from './denoising-autoencoder.ts'
export type { ExponentialOptions, HampelOptions, RollingOptions } from './rolling.ts'
export type { SavitzkyGolayOptions } from './savitzky-golay.ts'
export type { Series } from './series.ts'
export type { Wavelet } from './wavelets/filters.ts'
export type { WaveletShrinkOptions } from './wavelets/shrink.ts'
