import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { numbersOf, type Series } from './series.ts'

export interface RollingOptions {
  /** How many numbers a window has. At the ends of the series it has fewer. Default 5. */
  readonly window?: number
  /**
   * Where a number stands in its window: in the middle, or at the end. Only the latter knows nothing of the future, as what forecasts
   * must not. Default 'center'.
   */
  readonly align?: 'center' | 'trailing'
}

const rollingTable = { window: checks.count, align: checks.oneOf('center', 'trailing') } as const
const rollingChecks = optionsOf<RollingOptions>()(rollingTable)

/** What each window gives; missing numbers (NaN) are left out of it. A window without numbers gives NaN. */
function rolled(
  values: Float64Array,
  options: RollingOptions,
  of: (window: Float64Array, at: number) => number,
): Float64Array {
  const { window = 5, align = 'center' } = options
  const ahead = align === 'center' ? (window - 1) >> 1 : 0
  return values.map((_, i) => {
    const end = Math.min(values.length, i + ahead + 1)
    const part = values
      .slice(Math.max(0, i + ahead + 1 - window), end)
      .filter((value) => !Number.isNaN(value))
    return of(part, i)
  })
}

function median(values: Float64Array): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted()
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** The median of the numbers around each: single outliers vanish, and steps stay steps. */
export function rollingMedian(series: Series, options: RollingOptions = {}): Float64Array {
  checkOptions('denoise.rollingMedian', options, rollingChecks)
  return rolled(numbersOf('denoise.rollingMedian', series, true), options, median)
}

/** The mean of the numbers around each. */
export function rollingMean(series: Series, options: RollingOptions = {}): Float64Array {
  checkOptions('denoise.rollingMean', options, rollingChecks)
  const mean = (window: Float64Array): number =>
    window.length === 0 ? Number.NaN : window.reduce((sum, value) => sum + value, 0) / window.length
  return rolled(numbersOf('denoise.rollingMean', series, true), options, mean)
}

export interface HampelOptions extends RollingOptions {
  /** How many deviations a number may be from the median of its window. Default 3. */
  readonly deviations?: number
}

const hampelChecks = optionsOf<HampelOptions>()({ ...rollingTable, deviations: checks.notNegative })

/** 1 / Φ⁻¹(3/4): the median distance from the median of normal numbers, times this, is their deviation. */
const deviationOfMedian = 1.482602218505602

/**
 * Outliers replaced by the median of their window; all else stays as it is (Hampel, "The influence curve and its role in robust
 * estimation", 1974). A number is an outlier if it is further from the median than so many deviations, which the median distance
 * from the median tells.
 */
export function hampel(series: Series, options: HampelOptions = {}): Float64Array {
  checkOptions('denoise.hampel', options, hampelChecks)
  const { deviations = 3, window = 7 } = options
  const values = numbersOf('denoise.hampel', series, true)
  return rolled(values, { ...options, window }, (part, at) => {
    const value = values[at] as number
    const centre = median(part)
    const spread = deviationOfMedian * median(part.map((one) => Math.abs(one - centre)))
    return Math.abs(value - centre) > deviations * spread ? centre : value
  })
}

export interface ExponentialOptions {
  /** How much the newest number counts, above 0 up to 1. Default 0.3. */
  readonly alpha?: number
  /**
   * Whether the mean is over the numbers that there were, so that the first ones count no more than others. Without, the first number
   * stands for all before it. Default true.
   */
  readonly adjust?: boolean
}

const exponentialChecks = optionsOf<ExponentialOptions>()({
  alpha: {
    expected: 'a number above 0 up to 1',
    accepts: (value) => typeof value === 'number' && value > 0 && value <= 1,
  },
  adjust: checks.boolean,
})

/**
 * The mean of a number and of all before it, each counting (1 − α) times what the next does; it knows nothing of the future. Over
 * missing numbers the mean stays, and what was before counts less after them.
 */
export function exponentialSmoothing(series: Series, options: ExponentialOptions = {}): Float64Array {
  checkOptions('denoise.exponentialSmoothing', options, exponentialChecks)
  const { alpha = 0.3, adjust = true } = options
  let mean = Number.NaN
  let weight = 1
  return numbersOf('denoise.exponentialSmoothing', series, true).map((value) => {
    if (Number.isNaN(mean)) mean = value
    else {
      weight *= 1 - alpha
      if (!Number.isNaN(value)) {
        const own = adjust ? 1 : alpha
        mean = (weight * mean + own * value) / (weight + own)
        weight = adjust ? weight + own : 1
      }
    }
    return mean
  })
}
