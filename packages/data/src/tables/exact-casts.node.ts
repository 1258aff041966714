import { type Feature, feature } from '../features/feature.ts'
import { typeOfFeature } from './column-types.node.ts'
import { writtenAs } from './csv-types.ts'
import { misfitMark } from './duckdb-errors.ts'
import { literal, quoted } from './pieces.ts'

/** How a column becomes one of another type without loss. */
export interface ExactCast {
  /** Of SQL: the value; of one that the type cannot hold as it is, an error that begins with the misfit's mark. */
  readonly expression: string
  /** Of SQL: whether a value is there and the type cannot hold it as it is. */
  readonly misfits: string
  /** The same of a cell that is text. */
  readonly accepts: (text: string) => boolean
}

type Written = keyof typeof writtenAs

const kindOf = (dtype: string): Written | undefined => {
  if (/^(u?int\d+|hugeint)$/.test(dtype)) return 'int'
  if (dtype === 'bool') return 'bool'
  if (/^date(32|64)$/.test(dtype)) return 'date'
  if (/^timestamp\[\w+\]$/.test(dtype)) return 'timestamp'
  if (dtype.startsWith('timestamp')) return 'zoned'
  return dtype.startsWith('time') ? 'time' : undefined
}

/** Patterns of LIKE, several times as fast as an expression, for the way in which most values are written. */
const mostly: Readonly<Partial<Record<Written, string>>> = {
  date: '____-__-__',
  timestamp: '____-__-__ __:__:__',
}

/** An error of SQL that names a column, its type and the value. */
export const misfit = (column: string, dtype: string): string =>
  `error(${literal(`${misfitMark}: ${column}|${dtype}|`)} || CAST(${quoted(column)} AS VARCHAR))`

/**
 * A column that is cast and keeps what it holds. DuckDB's own cast makes 2 of 1.5, drops the time of day where a date is wanted and
 * the offset where none is, and takes `yes` for true: these are refused.
 */
export function exactCast(column: string, from: Feature, dtype: string): ExactCast {
  const x = quoted(column)
  const type = `${typeOfFeature(feature.value(dtype), `readTable: types: ${column}`)}`
  const written = kindOf(dtype)
  const given = from.kind === 'value' ? from.dtype : 'other'
  const fits = given === 'string' ? textFits(x, written) : valueFits(x, given, written)
  const cast = `TRY_CAST(${x} AS ${type})`
  const refused = misfit(column, dtype)
  return {
    expression:
      fits === undefined
        ? `CASE WHEN ${x} IS NOT NULL THEN coalesce(${cast}, ${refused}) END`
        : `CASE WHEN ${fits} THEN coalesce(${cast}, ${refused}) WHEN ${x} IS NOT NULL THEN ${refused} END`,
    misfits: `${x} IS NOT NULL AND (${fits === undefined ? '' : `NOT (${fits}) OR `}${cast} IS NULL)`,
    accepts: acceptedText(written),
  }
}

function textFits(x: string, written: Written | undefined): string | undefined {
  if (written === undefined) return undefined
  if (written === 'bool') return `lower(${x}) IN ('true', 'false')`
  const pattern = `regexp_full_match(${x}, ${literal(writtenAs[written])})`
  const like = mostly[written]
  // A date is written in one way.
  if (written === 'date') return `${x} LIKE ${literal(like as string)}`
  return like === undefined ? pattern : `(${x} LIKE ${literal(like)} OR ${pattern})`
}

/** Of values that are no texts, what the cast would lose. */
function valueFits(x: string, given: string, written: Written | undefined): string | undefined {
  if (written === 'int' && /^(float|double|decimal)/.test(given)) return `${x} = trunc(${x})`
  if (written === 'int') return given === 'bool' ? 'false' : undefined
  if (written === 'bool') return given === 'bool' ? undefined : `TRY_CAST(${x} AS DOUBLE) IN (0, 1)`
  return written === 'date' && given.startsWith('timestamp') ? `${x} = date_trunc('day', ${x})` : undefined
}

function acceptedText(written: Written | undefined): (text: string) => boolean {
  if (written === undefined) return () => true
  const source = writtenAs[written]
  const isCaseless = source.startsWith('(?i)')
  const pattern = new RegExp(`^(?:${isCaseless ? source.slice(4) : source})$`, isCaseless ? 'i' : '')
  const hasDay = written === 'date' || written === 'timestamp' || written === 'zoned'
  return (text) => pattern.test(text) && (!hasDay || isDay(text)) && (!/:/.test(text) || isClock(text))
}

/** Whether the day that a text begins with is one of the calendar. */
function isDay(text: string): boolean {
  const [year = 0, month = 0, date = 0] = text.slice(0, 10).split('-').map(Number)
  const made = new Date(0)
  made.setUTCFullYear(year, month - 1, date)
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === date && month > 0
}

/** Whether the time of day in a text is one. */
function isClock(text: string): boolean {
  const [, hours, minutes, seconds = '0'] = /(\d{2}):(\d{2})(?::(\d{2}))?/.exec(text) ?? []
  return Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60
}
