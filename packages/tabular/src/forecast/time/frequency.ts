/**
 * `forecast/time/`: moments as whole numbers of periods: what a table's frequency is, and which period a moment is in. It knows numbers and dates
 * alone.
 */

/** What periods are. `weekday` is Monday to Friday; `step` is a unit of times that are numbers. */
export type FrequencyUnit =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'weekday'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'step'

/** How far apart moments are: `{ unit: 'minute', every: 15 }`. */
export interface Frequency {
  readonly unit: FrequencyUnit
  /** How many units. */
  readonly every: number
}

export const frequencyUnits: readonly FrequencyUnit[] = [
  'year',
  'quarter',
  'month',
  'week',
  'weekday',
  'day',
  'hour',
  'minute',
  'second',
  'step',
]

const second = 1000
const day = 86_400 * second

/** Months of a unit. */
export const monthsOf: Partial<Readonly<Record<FrequencyUnit, number>>> = { year: 12, quarter: 3, month: 1 }

/** Milliseconds of a unit whose periods are all as long. */
export const lengthsOf: Partial<Readonly<Record<FrequencyUnit, number>>> = {
  week: 7 * day,
  day,
  hour: 3600 * second,
  minute: 60 * second,
  second,
}

/** Steps after which the year, the week or the day comes again, of one unit each; 1 where nothing does. */
const seasons: Readonly<Record<FrequencyUnit, number>> = {
  year: 1,
  quarter: 4,
  month: 12,
  week: 52,
  weekday: 5,
  day: 7,
  hour: 24,
  minute: 1440,
  second: 60,
  step: 1,
}

/** The season that a frequency has if nothing else is said: whole where units divide it. */
export function usualSeason({ unit, every }: Frequency): number {
  const season = seasons[unit] / every
  return Number.isInteger(season) && season >= 2 ? season : 1
}

export const nameOfFrequency = ({ unit, every }: Frequency): string =>
  every === 1 ? unit : `${every} ${unit}s`

/** Periods counted from some origin, so that moments are whole numbers. */
export interface TimeGrid {
  readonly frequency: Frequency
  /** Milliseconds since 1970 of a moment on the grid; of steps, the number itself. */
  readonly origin: number
  /** Whether the origin, and so each moment, is the last day of its month. */
  readonly endsOfMonths: boolean
}

const monthOf = (time: number): number => {
  const date = new Date(time)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** Days since a Monday, of which the first was the 5th of January 1970. */
const daysSinceMonday = (time: number): number => Math.floor(time / day) - 4

/** Weekdays up to a day; Saturdays and Sundays are halves that lie between. */
function weekdays(time: number): number {
  const days = daysSinceMonday(time)
  const [week, weekday] = [Math.floor(days / 7), ((days % 7) + 7) % 7]
  return 5 * week + (weekday < 5 ? weekday : 4.5)
}

/** The number of the period in which a moment is; not whole where it lies between two of them. */
export function periodOf(
  { frequency: { unit, every }, origin, endsOfMonths }: TimeGrid,
  time: number,
): number {
  const months = monthsOf[unit]
  if (months !== undefined) {
    const apart = (monthOf(time) - monthOf(origin)) / (months * every)
    return time === monthTime(origin, monthOf(time) - monthOf(origin), endsOfMonths)
      ? apart
      : Math.floor(apart) + 0.5
  }
  if (unit === 'weekday') {
    const apart = (weekdays(time) - weekdays(origin)) / every
    return (time - origin) % day === 0 ? apart : Math.floor(apart) + 0.5
  }
  return (time - origin) / (every * (lengthsOf[unit] ?? 1))
}

/** The moment at which a period begins, as those of the table do. */
export function timeOf(
  { frequency: { unit, every }, origin, endsOfMonths }: TimeGrid,
  period: number,
): number {
  const months = monthsOf[unit]
  if (months !== undefined) return monthTime(origin, period * months * every, endsOfMonths)
  if (unit !== 'weekday') return origin + period * every * (lengthsOf[unit] ?? 1)
  const at = weekdays(origin) + period * every
  const days = Math.floor(at / 5) * 7 + (((at % 5) + 5) % 5) + 4
  return days * day + (((origin % day) + day) % day)
}

/** A moment some months later: on the same day, or the last of the month. */
function monthTime(origin: number, months: number, endsOfMonths: boolean): number {
  const date = new Date(origin)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const own = endsOfMonths ? last : Math.min(date.getUTCDate(), last)
  return Date.UTC(year, month, own) + (((origin % day) + day) % day)
}

/** Where a period begins in calendars, for times that are to be gathered: of a week its Monday. */
export function calendarOrigin({ unit }: Frequency, time: number): number {
  const date = new Date(time)
  if (unit === 'year') return Date.UTC(date.getUTCFullYear(), 0, 1)
  if (unit === 'quarter') return Date.UTC(date.getUTCFullYear(), 3 * Math.floor(date.getUTCMonth() / 3), 1)
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  if (unit === 'week') return Math.floor(daysSinceMonday(time) / 7) * 7 * day + 4 * day
  const length = lengthsOf[unit] ?? (unit === 'weekday' ? day : 1)
  return Math.floor(time / length) * length
}
