import type { Category, Frame } from '@typegrad/data'
import { ArgumentError, DataError } from 'typegrad/core'
import { checkColumn } from '../../features/frame-of.ts'
import { findGrid, statedGrid } from '../time/find-grid.ts'
import { type Frequency, nameOfFrequency, periodOf, type TimeGrid, timeOf } from '../time/frequency.ts'
import { readTimes } from '../time/read-times.ts'
import { fillGaps, type GapRule } from './fill-gaps.ts'
import { keyOf, nameOfSeries, type Series } from './series.ts'

/** What becomes of several rows of one period. */
export type DoubleRule = 'refuse' | 'sum' | 'mean' | 'last'

export const doubleRules: readonly DoubleRule[] = ['refuse', 'sum', 'mean', 'last']

/** The columns of a table of series. */
export interface SeriesColumns {
  readonly time: string
  readonly target: string
  readonly series: readonly string[]
  readonly covariates: readonly string[]
  readonly statics: readonly string[]
}

export interface ReadSeriesOptions extends SeriesColumns {
  readonly gaps: GapRule
  readonly doubles: DoubleRule
  /** Of a table that follows another: its grid. */
  readonly grid?: TimeGrid
  readonly frequency?: Frequency
}

/** A table as series. */
export interface SeriesTable {
  readonly series: readonly Series[]
  readonly grid: TimeGrid
  /** Whether times are dates. */
  readonly areDates: boolean
  /** Periods without a value that were filled. */
  readonly filled: number
  /** Rows that were taken together with another of their period. */
  readonly gathered: number
}

/** @throws ArgumentError, with the nearest name, for a column that there is not. */
function checkColumns(frame: Frame, { time, target, series, covariates, statics }: SeriesColumns): void {
  for (const [option, names] of Object.entries({
    time: [time],
    target: [target],
    series,
    covariates,
    statics,
  }))
    for (const name of names) checkColumn(frame, `forecast: ${option}`, name)
  const all = [time, target, ...series, ...covariates, ...statics]
  const twice = all.find((name, i) => all.indexOf(name) !== i)
  if (twice !== undefined)
    throw new ArgumentError({
      where: 'forecast',
      expected: 'a part of its own for each column',
      received: `'${twice}' in two`,
      ...(twice === target && { fix: 'The target is not known in the future, so that it is no covariate.' }),
    })
}

/**
 * Reads the series of a table, in any order of rows. Rows without a target behind a series' last value are what is known of the future:
 * their covariates.
 *
 * @throws ArgumentError for columns that there are not; DataError for times, targets and covariates that cannot be, and for gaps and doubles
 * that are refused.
 */
export function readSeries(frame: Frame, options: ReadSeriesOptions): SeriesTable {
  checkColumns(frame, options)
  const { time, target, series: keys, frequency, doubles } = options
  const times = readTimes(frame, time)
  const values = frame.numbers(target, 'forecast: target')
  const groups = groupsOf(frame, keys)
  const timesOf = Array.from(groups.values(), ({ rows }) =>
    Float64Array.from(new Set(Array.from(rows, (row) => times.values[row] as number))).sort(),
  )
  const grid =
    options.grid ??
    (frequency === undefined
      ? findGrid(timesOf, times.areDates)
      : statedGrid(frequency, timesOf, doubles !== 'refuse'))
  const shown = (at: number): string => shownTime(at, times.areDates)
  let [filled, gathered] = [0, 0]
  const series = Array.from(groups.values(), ({ key, rows }) => {
    const where = `forecast: ${nameOfSeries({ key })}`
    const periods = Array.from(rows, (row) => {
      const at = times.values[row] as number
      const period = periodOf(grid, at)
      if (Number.isInteger(period) || Math.abs(period - Math.round(period)) < 1e-6) return Math.round(period)
      if (doubles !== 'refuse') return Math.floor(period)
      throw new DataError({
        where,
        expected: `moments that are each a whole number of periods (${nameOfFrequency(grid.frequency)}) apart`,
        received: `${shown(at)}, which is between ${shown(timeOf(grid, Math.floor(period)))} and ${shown(timeOf(grid, Math.ceil(period)))}`,
        fix: "Take the rows of a period together: doubles: 'sum', 'mean' or 'last'.",
      })
    })
    const own = gatherRows(
      frame,
      { rows, periods, values, where, shown: (period) => shown(timeOf(grid, period)) },
      options,
    )
    gathered += own.gathered
    const rule = { rule: options.gaps, shown: (index: number) => shown(timeOf(grid, own.start + index)) }
    filled += fillGaps(own.values, { where, ...rule })
    own.covariates.forEach((covariate, i) => {
      const known = covariate.findLastIndex((value) => !Number.isNaN(value)) + 1
      // What nothing happened in has a price and a weekday all the same.
      const gaps = rule.rule === 'zero' ? 'previous' : rule.rule
      if (known > 0 && !Number.isNaN(covariate[0]))
        fillGaps(covariate.subarray(0, known), {
          where: `${where}: covariate '${options.covariates[i]}'`,
          ...rule,
          rule: gaps,
        })
      if (known === covariate.length && !Number.isNaN(covariate[0])) return
      throw new DataError({
        where: `${where}: covariate '${options.covariates[i]}'`,
        expected: 'a number in each row',
        received: `none at ${shown(timeOf(grid, own.start + (Number.isNaN(covariate[0]) ? 0 : known)))}`,
      })
    })
    return {
      key,
      start: own.start,
      values: own.values,
      covariates: own.covariates,
      statics: staticsOf(frame, rows, options, where),
    }
  })
  return { series, grid, areDates: times.areDates, filled, gathered }
}

export const shownTime = (at: number, areDates: boolean): string =>
  areDates ? new Date(at).toISOString().replace(/T00:00:00\.000Z$|\.000Z$/, '') : String(at)

function groupsOf(
  frame: Frame,
  keys: readonly string[],
): Map<string, { readonly key: readonly Category[]; readonly rows: number[] }> {
  const columns = keys.map((name) => frame.categories(name, 'forecast: series'))
  const groups = new Map<string, { readonly key: readonly Category[]; readonly rows: number[] }>()
  for (let row = 0; row < frame.length; row++) {
    const key = columns.map((cells, i) => {
      const cell = cells[row]
      if (cell !== null && cell !== undefined) return cell
      throw new DataError({
        where: frame.placeOf('forecast: series', keys[i] as string, row),
        expected: 'the name of a series',
        received: 'a missing cell',
        fix: 'Fill it, or leave the row out.',
      })
    })
    const id = keyOf(key)
    const group = groups.get(id)
    if (group === undefined) groups.set(id, { key, rows: [row] })
    else group.rows.push(row)
  }
  return groups
}

interface RowsOfSeries {
  readonly rows: readonly number[]
  readonly periods: readonly number[]
  /** The target of all rows of the table. */
  readonly values: Float64Array
  readonly where: string
  readonly shown: (period: number) => string
}

/** The rows of one series by period, with NaN where there are none. */
function gatherRows(
  frame: Frame,
  { rows, periods, values, where, shown }: RowsOfSeries,
  { covariates, doubles, target }: ReadSeriesOptions,
) {
  const isKnown = (i: number): boolean => !Number.isNaN(values[rows[i] as number])
  const known = periods.filter((_, i) => isKnown(i))
  // Of rows before the first value nothing can be learned.
  const start =
    known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : periods.reduce((a, b) => Math.min(a, b))
  const end = known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) + 1 : start
  const last = periods.reduce((a, b) => Math.max(a, b)) + 1
  const length = Math.max(end, last) - start
  let gathered = 0
  const column = (cells: Float64Array, size: number, rule: typeof doubles): Float64Array => {
    const out = new Float64Array(size).fill(Number.NaN)
    const counts = new Float64Array(size)
    rows.forEach((row, i) => {
      const at = (periods[i] as number) - start
      const cell = cells[row] as number
      if (at < 0 || at >= size || Number.isNaN(cell)) return
      const count = (counts[at] as number) + 1
      counts[at] = count
      const before = out[at] as number
      out[at] =
        count === 1 || rule === 'last'
          ? cell
          : rule === 'mean'
            ? before + (cell - before) / count
            : before + cell
    })
    return out
  }
  const seen = new Set<number>()
  for (const period of periods) {
    if (seen.has(period)) {
      gathered += 1
      if (doubles === 'refuse')
        throw new DataError({
          where,
          expected: 'one row for each period',
          received: `${periods.length - new Set(periods).size} rows more, the first for ${shown(period)}`,
          fix: "Take them together (doubles: 'sum', 'mean' or 'last'), or name the columns that tell series apart: series: […].",
        })
    }
    seen.add(period)
  }
  const isPlain = doubles === 'refuse' || doubles === 'last'
  return {
    start,
    values: column(values, end - start, isPlain ? 'last' : doubles),
    covariates: covariates.map((name) =>
      // Prices and the like are not added up.
      column(frame.numbers(name, 'forecast: covariates'), length, isPlain ? 'last' : 'mean'),
    ),
    gathered,
    target,
  }
}

/** What does not change in a series. @throws DataError where it does. */
function staticsOf(
  frame: Frame,
  rows: readonly number[],
  { statics }: ReadSeriesOptions,
  where: string,
): (Category | null)[] {
  return statics.map((name) => {
    const cells = frame.categories(name, 'forecast: statics')
    const known = [...new Set(Array.from(rows, (row) => cells[row] ?? null))].filter((cell) => cell !== null)
    if (known.length <= 1) return known[0] ?? null
    throw new DataError({
      where: `${where}: '${name}'`,
      expected: 'one value, as statics have it',
      received: known
        .slice(0, 3)
        .map((cell) => JSON.stringify(cell))
        .join(', '),
      fix: 'What changes with time and is known ahead is a covariate.',
    })
  })
}
