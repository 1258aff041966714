/**
 * Types of columns of text: the first of bool, int64, float64, date32, timestamp and time that all values look like; else
 * string. What looks like a number and is none stays text: whole numbers with zeros in front (postcodes) and those beyond
 * int64 (identifiers). A date is one by its looks, so that an impossible one is refused by the scan, and not read as text.
 */
import { literal } from './pieces.ts'

/** What the values of a column look like. */
export interface CsvKind {
  readonly dtype: string
  /** Whether whole numbers beyond 2⁵³ are among them. */
  readonly isLong: boolean
}

const day = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const clock = '[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?'

/** How values of a type are written; what looks like one and is none, such as 30 February, the cast refuses. */
export const writtenAs = {
  int: '\\s*[+-]?[0-9]+\\s*',
  bool: '(?i)true|false',
  date: day,
  timestamp: `${day}([T ]${clock})?`,
  zoned: `${day}[T ]${clock} ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)`,
  time: clock,
} as const

const fits = (pattern: string) => (column: string) =>
  `count(*) FILTER (WHERE regexp_full_match(${column}, ${literal(pattern)}))`

/** What is counted of each column, in this order. */
export function kindTests({
  decimal = '.',
  dateFormat,
  timestampFormat,
}: {
  readonly decimal?: '.' | ','
  readonly dateFormat?: string
  readonly timestampFormat?: string
}): readonly ((column: string) => string)[] {
  const point = decimal === ',' ? ',' : '\\.'
  const written = (format: string) => (column: string) =>
    `count(*) FILTER (WHERE try_strptime(${column}, ${literal(format)}) IS NOT NULL)`
  return [
    (column) => `count(${column})`,
    fits(writtenAs.bool),
    fits('\\s*[+-]?(0|[1-9][0-9]*)\\s*'),
    // Whole numbers as they are written, whatever their zeros and their length.
    fits(writtenAs.int),
    (column) =>
      `count(*) FILTER (WHERE regexp_full_match(${column}, ${literal(writtenAs.int)}) AND TRY_CAST(${column} AS BIGINT) IS NULL)`,
    (column) => `count(*) FILTER (WHERE abs(TRY_CAST(${column} AS DOUBLE)) > 9007199254740991)`,
    fits(`(?i)\\s*[+-]?(([0-9]+${point}?[0-9]*|${point}[0-9]+)(e[+-]?[0-9]+)?|inf|infinity)\\s*`),
    dateFormat === undefined ? fits(writtenAs.date) : written(dateFormat),
    timestampFormat === undefined ? fits(writtenAs.timestamp) : written(timestampFormat),
    fits(writtenAs.zoned),
    fits(writtenAs.time),
  ]
}

/** @param counts of {@link kindTests}. */
export function kindOfCounts(counts: readonly number[]): CsvKind {
  const [
    all = 0,
    truths = 0,
    plainWholes = 0,
    wholes = 0,
    tooLong = 0,
    long = 0,
    floats = 0,
    days = 0,
    moments = 0,
    zoned = 0,
    clocks = 0,
  ] = counts
  const kind = (dtype: string): CsvKind => ({ dtype, isLong: long > 0 })
  if (all === 0) return kind('string')
  if (truths === all) return kind('bool')
  if (plainWholes === all && tooLong === 0) return kind('int64')
  if (floats === all && wholes === plainWholes && tooLong === 0) return kind('float64')
  if (days === all) return kind('date32')
  if (moments === all) return kind('timestamp[us]')
  if (zoned === all) return kind('timestamp[us, tz=UTC]')
  if (clocks === all) return kind('time64[us]')
  return kind('string')
}
