import type { Frame } from '@typegrad/data'
import { DataError } from 'typegrad/core'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Milliseconds of `2015`, `2015-03`, `2015 Q2`, `2015 Mar`, and what ISO 8601 has for days and moments; NaN for others. */
export function parseTime(text: string): number {
  const trimmed = text.trim()
  const quarter = /^(\d{4})[ -]?Q([1-4])$/i.exec(trimmed)
  if (quarter !== null) return Date.UTC(Number(quarter[1]), 3 * (Number(quarter[2]) - 1), 1)
  const named = /^(\d{4})[ -]([A-Za-z]{3})[a-z]*$/.exec(trimmed)
  if (named !== null) {
    const month = months.indexOf((named[2] as string).toLowerCase())
    return month < 0 ? Number.NaN : Date.UTC(Number(named[1]), month, 1)
  }
  if (!/^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/.test(trimmed))
    return Number.NaN
  const iso = trimmed.replace(' ', 'T')
  // A time of day without a zone is taken as it stands.
  return Date.parse(iso.includes('T') && !/(Z|[+-]\d{2}:?\d{2})$/.test(iso.slice(11)) ? `${iso}Z` : iso)
}

export interface Times {
  readonly values: Float64Array
  /** Whether the values are milliseconds since 1970. */
  readonly areDates: boolean
}

/** The moments of rows. @throws DataError, with the row, for what is missing or no moment. */
export function readTimes(frame: Frame, name: string): Times {
  const { type, values } = frame.column(name, 'forecast: time')
  const where = `forecast: time '${name}'`
  const complete = (own: Float64Array, shown: (row: number) => string): Float64Array => {
    const row = own.findIndex((value) => !Number.isFinite(value))
    if (row < 0) return own
    throw new DataError({
      where: frame.placeOf(where, name, row),
      expected: 'a moment: a date, 2015-03, 2015 Q2, or a number',
      received: shown(row),
      fix: 'Leave such rows out, or write their times.',
    })
  }
  if (type === 'date' || type === 'number')
    return { values: complete(values, () => 'a missing cell'), areDates: type === 'date' }
  if (type === 'text')
    return {
      values: complete(
        Float64Array.from(values, (cell) => (typeof cell === 'string' ? parseTime(cell) : Number.NaN)),
        (row) => (values[row] === null ? 'a missing cell' : JSON.stringify(values[row])),
      ),
      areDates: true,
    }
  throw new DataError({
    where,
    expected: 'dates, texts of dates, or numbers',
    received: `cells that are ${type}`,
  })
}
