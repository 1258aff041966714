/**
 * `forecast/measures/`: how good forecasts are, as the M4 competition and GluonTS define it. It knows arrays of numbers alone.
 */

/**
 * The mean absolute scaled error of one series (Hyndman and Koehler 2006, as in the M4): absolute errors by the mean distance of past values
 * that are a season apart.
 *
 * @param season steps after which the past comes again; 1 for none.
 * @returns NaN where that is 0 or the past too short.
 * @example
 * mase(Float64Array.of(5), Float64Array.of(8), Float64Array.of(0, 2, 4), 1) // 3 / 2
 */
export function mase(
  actual: Float64Array,
  forecast: Float64Array,
  past: Float64Array,
  season: number,
): number {
  let sum = 0
  for (let t = season; t < past.length; t++)
    sum += Math.abs((past[t] as number) - (past[t - season] as number))
  const scale = sum / (past.length - season)
  return scale > 0
    ? meanOf(actual, (value, k) => Math.abs(value - (forecast[k] as number))) / scale
    : Number.NaN
}

/**
 * The symmetric mean absolute percentage error of one series, in percent from 0 to 200, as in the M4: 200 |y − f| / (|y| + |f|); 0 where both
 * are.
 *
 * @example
 * smape(Float64Array.of(1), Float64Array.of(3)) // 100
 */
export const smape = (actual: Float64Array, forecast: Float64Array): number =>
  meanOf(actual, (value, k) => {
    const other = forecast[k] as number
    const size = Math.abs(value) + Math.abs(other)
    return size === 0 ? 0 : (200 * Math.abs(value - other)) / size
  })

/** Values and the quantiles that were forecast of them. */
export interface JudgedQuantiles {
  readonly actual: Float64Array
  /** An array for each level. */
  readonly quantiles: readonly Float64Array[]
}

/**
 * The mean weighted quantile loss of series, which comes near the continuous ranked probability score by their size: of each level
 * 2 Σ max(τ (y − q), (τ − 1)(y − q)) / Σ |y| over all series and steps, and the mean of these (GluonTS's `mean_weighted_sum_quantile_loss`,
 * the M5's and the electricity papers' measure).
 *
 * @param series what came of each, and an array of quantiles for each level.
 * @example
 * weightedQuantileLoss([{ actual: Float64Array.of(4), quantiles: [Float64Array.of(2)] }], [0.5]) // 0.5
 */
export function weightedQuantileLoss(series: readonly JudgedQuantiles[], levels: readonly number[]): number {
  const size = series.reduce(
    (sum, { actual }) => sum + actual.reduce((own, value) => own + Math.abs(value), 0),
    0,
  )
  return quantileLosses(series, levels) / size
}

/** Twice the sum of quantile losses, by the mean over levels. */
export const quantileLosses = (series: readonly JudgedQuantiles[], levels: readonly number[]): number =>
  series.reduce(
    (sum, { actual, quantiles }) =>
      sum +
      levels.reduce((own, level, i) => {
        const of = quantiles[i] as Float64Array
        return (
          own +
          (2 * meanOf(actual, (value, k) => pinballLoss(level, value - (of[k] as number))) * actual.length) /
            levels.length
        )
      }, 0),
    0,
  )

/** What a quantile costs that lies `over` below the value. */
const pinballLoss = (level: number, over: number): number => Math.max(level * over, (level - 1) * over)

/** The share of values between two quantiles. */
export const coverage = (actual: Float64Array, low: Float64Array, high: Float64Array): number =>
  meanOf(actual, (value, k) => (value >= (low[k] as number) && value <= (high[k] as number) ? 1 : 0))

function meanOf(values: Float64Array, of: (value: number, index: number) => number): number {
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += of(values[k] as number, k)
  return sum / values.length
}
