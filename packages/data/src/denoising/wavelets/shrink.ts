import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { numbersOf, type Series } from '../series.ts'
import { lowPass, type Wavelet } from './filters.ts'
import { compose, decompose, mostLevels } from './transform.ts'

export interface WaveletShrinkOptions {
  /** Haar's wavelet for steps, others for what is smooth: 'haar', 'db2' to 'db8', 'sym4' to 'sym8'. Default 'db4'. */
  readonly wavelet?: Wavelet
  /** How often the series is halved. Default three times less than can be, and at least once. */
  readonly levels?: number
  /**
   * What counts as noise: for each level by its own variance ('bayes'; Chang, Yu and Vetterli, "Adaptive wavelet thresholding for image
   * denoising and compression", 2000), or below one bound, σ √(2 log n), for all ('universal', VisuShrink; Donoho and Johnstone, "Ideal
   * spatial adaptation by wavelet shrinkage", 1994), which smooths more. Default 'bayes'.
   */
  readonly method?: 'bayes' | 'universal'
  /** Whether details above the bound come nearer to 0 by it, or stay. Default 'soft'. */
  readonly threshold?: 'soft' | 'hard'
  /** The deviation of the noise. Default what the median of the finest details tells. */
  readonly sigma?: number
}

const shrinkChecks = optionsOf<WaveletShrinkOptions>()({
  wavelet: {
    expected: `one of ${Object.keys(lowPass).join(', ')}`,
    accepts: (value) => typeof value === 'string' && Object.hasOwn(lowPass, value),
  },
  levels: checks.count,
  method: checks.oneOf('bayes', 'universal'),
  threshold: checks.oneOf('soft', 'hard'),
  sigma: checks.notNegative,
})

/** Φ⁻¹(3/4). */
const medianOfNormal = 0.6744897501960817

/**
 * A series without the small details of its wavelet transform, which are noise, while large ones are steps and peaks. It looks at
 * the whole series.
 *
 * @throws ArgumentError for a series that is too short for the levels.
 */
export function waveletShrink(series: Series, options: WaveletShrinkOptions = {}): Float64Array {
  const where = 'denoise.waveletShrink'
  checkOptions(where, options, shrinkChecks)
  const { wavelet = 'db4', method = 'bayes', threshold = 'soft' } = options
  const values = numbersOf(where, series)
  const most = mostLevels(values.length, wavelet)
  const { levels = Math.max(1, most - 3) } = options
  if (levels > most)
    throw new ArgumentError({
      where,
      expected: `a series of at least ${2 ** levels * (lowPass[wavelet].length - 1)} numbers, for ${levels} levels of ${wavelet}`,
      received: String(values.length),
      fix: "Fewer levels, or a shorter wavelet such as 'haar'.",
    })
  const { details, approximation } = decompose(values, wavelet, levels)
  const sigma = options.sigma ?? noiseOf(details[0] as Float64Array)
  const universal = sigma * Math.sqrt(2 * Math.log(values.length))
  const shrunk = details.map((of) =>
    shrunken(of, method === 'bayes' ? bayesBound(of, sigma) : universal, threshold),
  )
  return compose({ details: shrunk, approximation }, wavelet, values.length)
}

/** The deviation of noise, by the median size of the finest details, which outliers and steps do not move. */
function noiseOf(details: Float64Array): number {
  const sizes = details
    .filter((value) => value !== 0)
    .map(Math.abs)
    .sort()
  if (sizes.length === 0) return 0
  const middle = sizes.length >> 1
  const upper = sizes[middle] as number
  return (sizes.length % 2 === 1 ? upper : ((sizes[middle - 1] as number) + upper) / 2) / medianOfNormal
}

/** σ² / √(variance of the details − σ²). */
function bayesBound(details: Float64Array, sigma: number): number {
  const variance = details.reduce((sum, value) => sum + value * value, 0) / details.length
  return sigma ** 2 / Math.sqrt(Math.max(variance - sigma ** 2, Number.EPSILON))
}

const shrunken = (details: Float64Array, bound: number, threshold: 'soft' | 'hard'): Float64Array =>
  details.map((value) => {
    if (Math.abs(value) < bound) return 0
    return threshold === 'hard' ? value : Math.sign(value) * (Math.abs(value) - bound)
  })
