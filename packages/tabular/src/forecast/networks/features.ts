import type { Category } from '@typegrad/data'
import type { Saved } from '../../saving/saved.ts'
import { readList, readPart } from '../../saving/saved.ts'
import type { Series } from '../series/series.ts'
import type { ForecastTask } from '../task.ts'
import { type FrequencyUnit, timeOf } from '../time/frequency.ts'

const day = 86_400_000

/** Numbers of a moment, between -1 and 1. */
type TimeFeature = (at: Date) => readonly number[]

const wave = (share: number): readonly number[] => [
  Math.sin(2 * Math.PI * share),
  Math.cos(2 * Math.PI * share),
]

const ofYear: TimeFeature = (at) =>
  wave((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / (365.25 * day))
const ofMonth: TimeFeature = (at) => wave((at.getUTCDate() - 1) / 31)
const ofWeek: TimeFeature = (at) =>
  Array.from({ length: 7 }, (_, weekday) => (at.getUTCDay() === weekday ? 1 : 0))
const ofDay: TimeFeature = (at) => wave((at.getTime() % day) / day)
const ofMonths: TimeFeature = (at) =>
  Array.from({ length: 12 }, (_, month) => (at.getUTCMonth() === month ? 1 : 0))

/** What of the calendar each frequency can tell. */
const timeFeatures: Readonly<Record<FrequencyUnit, readonly TimeFeature[]>> = {
  year: [],
  quarter: [ofYear],
  month: [ofMonths],
  week: [ofYear],
  weekday: [ofYear, ofMonth, ofWeek],
  day: [ofYear, ofMonth, ofWeek],
  hour: [ofYear, ofWeek, ofDay],
  minute: [ofWeek, ofDay],
  second: [ofDay],
  step: [],
}

/** Values of a column of statics that have a feature of their own; the others share none. */
const mostCategories = 20

/** How covariates and statics become numbers. */
interface Encoding {
  /** Of each covariate, what is taken off and what it is divided by. */
  readonly covariates: readonly { readonly mean: number; readonly deviation: number }[]
  /** Of each column of statics: its values in order, or the mean and deviation of its numbers. */
  readonly statics: readonly (
    | { readonly categories: readonly Category[] }
    | { readonly mean: number; readonly deviation: number }
  )[]
}

const momentsOf = (values: readonly number[]): { mean: number; deviation: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length)
  return { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 }
}

/** What networks are told beside the values: the calendar, holidays, the season, covariates, and what does not change. */
export class SeriesFeatures {
  readonly #task: ForecastTask
  readonly #encoding: Encoding
  readonly #origin: number

  private constructor(task: ForecastTask, encoding: Encoding) {
    this.#task = task
    this.#encoding = encoding
    this.#origin = task.grid.origin
  }

  /** Learns scales and categories from series. */
  static of(task: ForecastTask, series: readonly Series[]): SeriesFeatures {
    return new SeriesFeatures(task, {
      covariates: task.covariates.map((_, i) =>
        momentsOf(
          series.flatMap(({ covariates, values }) =>
            Array.from(covariates[i]?.subarray(0, values.length) ?? []),
          ),
        ),
      ),
      statics: task.statics.map((_, i) => {
        const cells = series.map(({ statics }) => statics[i] ?? null).filter((cell) => cell !== null)
        const numbers = cells.filter((cell) => typeof cell === 'number')
        if (numbers.length === cells.length && new Set(numbers).size > 2) return momentsOf(numbers)
        const counts = new Map<Category, number>()
        for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1)
        const ranked = [...counts].sort(([, a], [, b]) => b - a).map(([cell]) => cell)
        return { categories: ranked.slice(0, mostCategories) }
      }),
    })
  }

  /** Columns that change with time; the last is how far ahead a step is. */
  get known(): number {
    return this.ofPeriod(0).length + this.#task.covariates.length + 1
  }

  /** Columns that do not. */
  get fixed(): number {
    return this.#encoding.statics.reduce(
      (sum, own) => sum + ('categories' in own ? own.categories.length : 1),
      0,
    )
  }

  /** What the calendar says of a period. */
  ofPeriod(period: number): number[] {
    const { grid, areDates, season, holidays } = this.#task
    const { unit } = grid.frequency
    const features = areDates ? timeFeatures[unit] : []
    const at = new Date(areDates ? timeOf(grid, period) : this.#origin)
    const phases = features.length === 0 && season > 1 ? wave((period % season) / season) : []
    return [
      ...features.flatMap((of) => of(at)),
      ...phases,
      ...(holidays.length > 0 ? [this.#holidaysIn(period)] : []),
    ]
  }

  /** How many holidays are in a period. */
  #holidaysIn(period: number): number {
    const { grid, holidays } = this.#task
    const [from, to] = [timeOf(grid, period), Math.max(timeOf(grid, period + 1), timeOf(grid, period) + 1)]
    // Periods that are parts of a day are in its holiday.
    const whole = (at: number): number => (to - from < day ? Math.floor(at / day) * day : at)
    return holidays.filter((at) => at >= whole(from) && at < (to - from < day ? from + 1 : to)).length
  }

  /** A covariate's value at an index of its series, scaled; the last one that is known behind it. */
  covariate(series: Series, i: number, index: number): number {
    const values = series.covariates[i] as Float64Array
    const { mean, deviation } = this.#encoding.covariates[i] as { mean: number; deviation: number }
    return ((values[Math.min(Math.max(index, 0), values.length - 1)] as number) - mean) / deviation
  }

  /** What does not change in a series. */
  fixedOf({ statics }: Series): number[] {
    return this.#encoding.statics.flatMap((own, i) => {
      const value = statics[i] ?? null
      if ('categories' in own) return own.categories.map((category) => (category === value ? 1 : 0))
      return [typeof value === 'number' ? (value - own.mean) / own.deviation : 0]
    })
  }

  toSaved(): Saved {
    return this.#encoding as unknown as Saved
  }

  static fromSaved(task: ForecastTask, saved: unknown): SeriesFeatures {
    return new SeriesFeatures(task, {
      covariates: readList(saved, 'covariates') as Encoding['covariates'],
      statics: readPart(saved, 'statics') as Encoding['statics'],
    })
  }
}
