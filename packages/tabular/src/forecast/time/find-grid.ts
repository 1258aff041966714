import { DataError } from 'typegrad/core'
import {
  calendarOrigin,
  type Frequency,
  type FrequencyUnit,
  lengthsOf,
  monthsOf,
  nameOfFrequency,
  type TimeGrid,
} from './frequency.ts'

const day = 86_400_000

/**
 * Finds how far apart moments are: whole years, quarters or months where all are the same day of their months (or the last), weekdays
 * where days skip weekends alone, else the largest length that divides all distances.
 *
 * @param times of each series, ascending, none twice.
 * @param areDates milliseconds since 1970; else numbers of any unit.
 * @throws DataError for fewer than two moments in each series.
 */
export function findGrid(times: readonly Float64Array[], areDates: boolean): TimeGrid {
  const all = times.filter((own) => own.length > 1)
  if (all.length === 0)
    throw new DataError({
      where: 'forecast: time',
      expected: 'at least two moments in a series, to find the frequency',
      received: 'one in each',
      fix: "Say it: frequency: 'month'.",
    })
  const origin = Math.min(...times.map((own) => own[0] as number))
  const steps = (of: (from: number, to: number) => number): number =>
    all.reduce(
      (common, own) =>
        own.reduce(
          (found, time, i) => (i === 0 ? found : divisor(found, of(own[i - 1] as number, time))),
          common,
        ),
      0,
    )
  const on = (unit: FrequencyUnit, every: number, endsOfMonths = false): TimeGrid => ({
    frequency: { unit, every },
    origin,
    endsOfMonths,
  })
  if (!areDates) return on('step', stepOf(all))
  const every = (of: (time: number) => boolean): boolean => times.every((own) => own.every(of))
  const dayOf = (time: number): number => new Date(time).getUTCDate()
  const areLast = every((time) => dayOf(time + day) === 1)
  if (
    (areLast || every((time) => dayOf(time) === dayOf(origin))) &&
    every((time) => (time - origin) % day === 0)
  ) {
    const months = steps((from, to) => {
      const [a, b] = [new Date(from), new Date(to)]
      return 12 * (b.getUTCFullYear() - a.getUTCFullYear()) + b.getUTCMonth() - a.getUTCMonth()
    })
    for (const unit of ['year', 'quarter', 'month'] as const)
      if (months % (monthsOf[unit] as number) === 0)
        return on(unit, months / (monthsOf[unit] as number), areLast)
  }
  const length = steps((from, to) => to - from)
  const isWeekend = (time: number): boolean => [0, 6].includes(new Date(time).getUTCDay())
  if (length === day && !times.some((own) => own.some(isWeekend))) {
    const overWeekends = all.some((own) =>
      own.some((time, i) => i > 0 && time - (own[i - 1] as number) === 3 * day),
    )
    if (overWeekends) return on('weekday', 1)
  }
  for (const unit of ['week', 'day', 'hour', 'minute', 'second'] as const) {
    const own = lengthsOf[unit] as number
    if (length % own === 0) return on(unit, length / own)
  }
  throw new DataError({
    where: 'forecast: time',
    expected: 'moments that are whole seconds apart',
    received: `${length} ms`,
    fix: "Say the frequency, and what becomes of rows of one period: frequency: 'minute', doubles: 'mean'.",
  })
}

/** The grid of a frequency that is stated: through the first moment, or through the calendar's periods where rows are gathered. */
export function statedGrid(
  frequency: Frequency,
  times: readonly Float64Array[],
  isGathered: boolean,
): TimeGrid {
  const first = Math.min(...times.map((own) => own[0] as number))
  const isLast = new Date(first + day).getUTCDate() === 1
  return {
    frequency,
    origin: isGathered ? calendarOrigin(frequency, first) : first,
    endsOfMonths: !isGathered && frequency.unit in monthsOf && isLast,
  }
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** The distance of numbers, which need not be whole. */
function stepOf(times: readonly Float64Array[]): number {
  const distances = times.flatMap((own) =>
    Array.from(own.subarray(1), (time, i) => time - (own[i] as number)),
  )
  const least = Math.min(...distances)
  const parts = distances.map((distance) => distance / least)
  if (parts.every((part) => Math.abs(part - Math.round(part)) < 1e-6)) return least
  if (distances.every(Number.isInteger)) return distances.reduce(divisor, 0)
  throw new DataError({
    where: 'forecast: time',
    expected: 'numbers that are a whole number of steps apart',
    received: `distances of ${least} and ${distances[parts.findIndex((part) => Math.abs(part - Math.round(part)) >= 1e-6)]}`,
    fix: `Say the step: frequency: { unit: 'step', every: … }. (The least distance is ${nameOfFrequency({ unit: 'step', every: least })}.)`,
  })
}
