import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { candidateNames } from './candidates.ts'
import type { CandidateName } from './names.ts'
import { type GapRule, gapRules } from './series/fill-gaps.ts'
import { type DoubleRule, doubleRules } from './series/read-series.ts'
import { type Frequency, type FrequencyUnit, frequencyUnits } from './time/frequency.ts'

export interface ForecastOptions {
  /** The column of moments: dates, texts such as `2015-03`, `2015 Q2` and `2015 Mar`, or numbers. */
  readonly time: string
  /** The column that is forecast. Rows without it behind a series' last value say what is known of the future. */
  readonly target: string
  /** How many periods are forecast. */
  readonly horizon: number
  /** The column or columns that tell series apart. Default none: the table is one series. */
  readonly series?: string | readonly string[]
  /** Columns of numbers that are known for the future too, such as prices and campaigns. Default none. */
  readonly covariates?: readonly string[]
  /** Columns that do not change within a series, such as its region: by these, series without history are forecast. Default none. */
  readonly statics?: readonly string[]
  /** Days that are not as others, as dates or texts (`2024-12-25`); of longer periods, how many of them are in each. Default none. */
  readonly holidays?: readonly (string | Date)[]
  /** How far apart periods are. Default found. */
  readonly frequency?: FrequencyUnit | Frequency
  /** Periods after which the year, the week or the day comes again; 1 for none. Default that of the frequency: 12 of months, 7 of days. */
  readonly season?: number
  /** What periods without a value are: refused, 0, the value before, or a line between their neighbours. Default 'refuse'. */
  readonly gaps?: GapRule
  /** What becomes of several rows of one period. Default 'refuse'. */
  readonly doubles?: DoubleRule
  /** Levels of quantiles; 0.5 is always among them. Default 0.1, 0.2, …, 0.9. */
  readonly levels?: readonly number[]
  /**
   * Rolling origins: the last is judged, those before it weight models and widen quantiles. Default 3; up to 5 of at most 30 series, if their
   * history is long enough.
   */
  readonly windows?: number
  /**
   * The models that are tried, beside the naive ones, which always are. ETS and theta are fitted to the latest 150 values of each series, or to its
   * latest eight seasons where these are more; networks learn from all values. Default all.
   */
  readonly models?: readonly CandidateName[]
  /** Steps of training of each network, of 64 windows. Default 300. */
  readonly trainingSteps?: number
  /** Whether forecasts are at least 0. Default whether all values are. */
  readonly nonNegative?: boolean
  /** Seconds after which no further model is begun, and those under way end with what they have. Default 60. */
  readonly budget?: number
  /** Of all that is by chance. Default 0. */
  readonly seed?: number
  /** Ends the work with an error. */
  readonly signal?: AbortSignal
  /** Is told what is being done, in sentences. Default nothing is told. */
  readonly onProgress?: (message: string) => void
}

const isUnit = (value: unknown): boolean => frequencyUnits.includes(value as FrequencyUnit)

const isFrequency = (value: unknown): boolean => {
  const { unit, every } = (value ?? {}) as Partial<Frequency>
  return (
    isUnit(unit) &&
    Number.isFinite(every) &&
    (every as number) > 0 &&
    (unit === 'step' || Number.isInteger(every))
  )
}

export const forecastChecks = optionsOf<ForecastOptions>()({
  time: checks.needed(checks.string),
  target: checks.needed(checks.string),
  horizon: checks.needed(checks.count),
  series: checks.either(checks.string, checks.list),
  covariates: checks.list,
  statics: checks.list,
  holidays: checks.list,
  frequency: {
    expected: `${frequencyUnits.map((unit) => `'${unit}'`).join(', ')}, or { unit, every }`,
    accepts: (value) => isUnit(value) || isFrequency(value),
  },
  season: checks.count,
  gaps: checks.oneOf(...gapRules),
  doubles: checks.oneOf(...doubleRules),
  levels: {
    expected: 'an array of numbers above 0 and below 1',
    accepts: (value) =>
      Array.isArray(value) && value.every((level) => typeof level === 'number' && level > 0 && level < 1),
  },
  windows: checks.count,
  models: {
    expected: `an array of ${candidateNames.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.every((name) => candidateNames.includes(name)),
  },
  trainingSteps: checks.count,
  nonNegative: checks.boolean,
  budget: checks.positive,
  seed: checks.integer,
  signal: checks.abortSignal,
  onProgress: checks.func,
})
