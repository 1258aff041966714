/**
 * `forecast/`: tables of series in time, forecast with their spread by models of each series and models of all. It knows tables, typegrad's
 * layers, and how models are saved.
 */
import type { Saved } from '../saving/saved.ts'
import type { Quantiles } from './baselines/baseline.ts'
import type { CandidateName } from './names.ts'
import type { Series } from './series/series.ts'
import type { TimeGrid } from './time/frequency.ts'

/** What is forecast of each series. */
export interface ForecastTask {
  readonly grid: TimeGrid
  readonly areDates: boolean
  /** Steps after which the year, the week or the day comes again; 1 for none. */
  readonly season: number
  readonly horizon: number
  /** Of quantiles, ascending, with 0.5 among them. */
  readonly levels: readonly number[]
  readonly covariates: readonly string[]
  readonly statics: readonly string[]
  /** Milliseconds since 1970 of days that are not as others, ascending. */
  readonly holidays: readonly number[]
}

/** A series as it was when some of its values were known. */
export interface Past {
  readonly series: Series
  /** How many of its values are known. */
  readonly end: number
}

export interface WorkOptions {
  readonly seed: number
  /** When a model ends with what it has, by `performance.now()`. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  /** Steps of training of networks. */
  readonly steps: number
}

/** A model that forecasts. */
export interface Forecaster {
  readonly name: CandidateName
  /** Quantiles of the steps behind each past; undefined where there was no time for it. */
  forecast(pasts: readonly Past[], options: WorkOptions): Promise<readonly Quantiles[] | undefined>
  /** All that its reader needs: plain values, and typed arrays, which are kept as bytes. */
  toSaved(): Saved
}
