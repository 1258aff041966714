/**
 * `forecast/series/`: a table as series of one frequency: values without gaps, and what is known beside them. It knows tables and times, and nothing
 * of models.
 */
import type { Category } from '@typegrad/data'

/** A series, by periods of its table's grid. */
export interface Series {
  /** The values of the columns that tell series apart; empty where there is one alone. */
  readonly key: readonly Category[]
  /** The period of the first value. */
  readonly start: number
  /** What is forecast, without gaps; empty of a series that nothing is known of yet. */
  readonly values: Float64Array
  /** Each covariate from the first period on: of all values, and of as many periods behind them as the table has rows without a target. */
  readonly covariates: readonly Float64Array[]
  /** Values of the columns that do not change in a series. */
  readonly statics: readonly (Category | null)[]
}

export const keyOf = (key: readonly Category[]): string => JSON.stringify(key)

/** A series as messages name it. */
export const nameOfSeries = ({ key }: Pick<Series, 'key'>): string =>
  key.length === 0 ? 'the series' : `series ${key.map((part) => JSON.stringify(part)).join(', ')}`

/** The mean distance of values that are a season apart, or neighbours where that is 0 or the series short; 1 of a constant. */
export function scaleOf(values: Float64Array, season: number): number {
  for (const lag of season > 1 ? [season, 1] : [1]) {
    let sum = 0
    for (let t = lag; t < values.length; t++)
      sum += Math.abs((values[t] as number) - (values[t - lag] as number))
    if (sum > 0) return sum / (values.length - lag)
  }
  const size = Math.abs(values.at(-1) ?? 0)
  return size > 0 ? size : 1
}
