import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Column, type ColumnType, numberColumn } from '../frame.ts'
import { shown } from '../row-source.ts'
import { added, retyped } from '../schema.ts'
import { columnsIn, defineStep, learnsNothing } from '../step.ts'
import { dateReader } from './date-pattern.ts'

export interface ParseDatesOptions {
  /**
   * How dates are written: 'iso' (2026-11-29, 2026-11-29T21:03:00+01:00), or a pattern of yyyy, MM, M, MMM, dd, d, HH, H, hh, h, mm, ss, SSS and a,
   * such as 'dd.MM.yyyy'. It is never guessed: 03/04 is in March to some and in April to others. Default 'iso'.
   */
  readonly pattern?: string
  /** What becomes of text that is no date: an error, or a missing cell. Default 'error'. */
  readonly invalid?: 'error' | 'missing'
}

const parseChecks = optionsOf<ParseDatesOptions>()({
  pattern: checks.string,
  invalid: checks.oneOf('error', 'missing'),
})

export const parseDates = defineStep<ParseDatesOptions, null>({
  kind: 'parseDates',
  check: (where, options) => {
    checkOptions(where, options, parseChecks)
    dateReader((options as ParseDatesOptions).pattern ?? 'iso', `${where}: pattern`)
  },
  takes: ['text', 'date'],
  read: learnsNothing,
  outputs: (schema, { columns }) => retyped(schema, columns, 'date'),
  apply: (frame, { columns, options, where }) => {
    const { pattern = 'iso', invalid = 'error' } = options
    const read = dateReader(pattern, where)
    return frame.with(
      columns.flatMap((name) => {
        if (!frame.has(name) || frame.column(name).type === 'date') return []
        const values = frame.texts(name, where).map((cell, row) => {
          if (cell === null) return Number.NaN
          const time = read(cell)
          if (time !== undefined) return time
          if (invalid === 'missing') return Number.NaN
          throw new DataError({
            where: frame.placeOf(where, name, row),
            expected: `a date that there is, written as ${pattern === 'iso' ? '2026-11-29 (ISO 8601)' : pattern}`,
            received: shown(cell),
            fix: "invalid: 'missing' makes such cells missing.",
          })
        })
        return [[name, { type: 'date', values: Float64Array.from(values) }] as const]
      }),
    )
  },
  invert: null,
})

export type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'day'
  | 'weekday'
  | 'dayOfYear'
  | 'hour'
  | 'minute'
  | 'isWeekend'
  | 'epochDays'

export type DateCycle = 'month' | 'day' | 'weekday' | 'dayOfYear' | 'hour' | 'minute'

export interface DatePartsOptions {
  /**
   * Parts that become columns `name_year` and so on, in UTC: year, quarter (1 to 4), month (1 to 12), day (1 to 31), weekday (0 is Monday),
   * dayOfYear (1 to 366), hour, minute, isWeekend (1 on Saturday and Sunday), epochDays (days since 1970, with fractions). Default
   * ['year', 'isWeekend'].
   */
  readonly parts?: readonly DatePart[]
  /**
   * Parts that become two columns, `name_hour_sin` and `name_hour_cos`, so that what follows each other is near: December and January.
   * Default ['month', 'weekday'].
   */
  readonly cycles?: readonly DateCycle[]
  /** Whether the dates stay as a column. Default false. */
  readonly keep?: boolean
}

const dayLength = 86_400_000

const partOf: Readonly<Record<DatePart, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  quarter: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  weekday: (date) => (date.getUTCDay() + 6) % 7,
  dayOfYear: (date) => dayOfYear(date) + 1,
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  isWeekend: (date) => Number(date.getUTCDay() % 6 === 0),
  epochDays: (date) => date.getTime() / dayLength,
}

/** From 0. */
function dayOfYear(date: Date): number {
  const first = new Date(0)
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return Math.floor((date.getTime() - first.getTime()) / dayLength)
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** How far round a cycle a date is, from 0 to 1: months and years have the days that they have. */
const cycleOf: Readonly<Record<DateCycle, (date: Date) => number>> = {
  month: (date) => date.getUTCMonth() / 12,
  day: (date) =>
    (date.getUTCDate() - 1) /
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  weekday: (date) => ((date.getUTCDay() + 6) % 7) / 7,
  dayOfYear: (date) => dayOfYear(date) / (isLeap(date.getUTCFullYear()) ? 366 : 365),
  hour: (date) => date.getUTCHours() / 24,
  minute: (date) => date.getUTCMinutes() / 60,
}

const severalOf = (known: object) => ({
  expected: `an array of ${Object.keys(known).join(', ')}`,
  accepts: (value: unknown) =>
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    value.every((one) => typeof one === 'string' && Object.hasOwn(known, one)),
})

const partChecks = optionsOf<DatePartsOptions>()({
  parts: severalOf(partOf),
  cycles: severalOf(cycleOf),
  keep: checks.boolean,
})

const defaults = {
  parts: ['year', 'isWeekend'],
  cycles: ['month', 'weekday'],
} as const satisfies DatePartsOptions

/** Columns of a date: name, and what each date becomes. */
function columnsOf(name: string, { parts = defaults.parts, cycles = defaults.cycles }: DatePartsOptions) {
  const round = (cycle: DateCycle, of: (angle: number) => number) => (date: Date) =>
    of(2 * Math.PI * cycleOf[cycle](date))
  return [
    ...parts.map((part) => [`${name}_${part}`, partOf[part]] as const),
    ...cycles.flatMap((cycle) => [
      [`${name}_${cycle}_sin`, round(cycle, Math.sin)] as const,
      [`${name}_${cycle}_cos`, round(cycle, Math.cos)] as const,
    ]),
  ]
}

export const dateParts = defineStep<DatePartsOptions, null>({
  kind: 'dateParts',
  check: (where, options) => {
    checkOptions(where, options, partChecks)
    if (columnsOf('', options as DatePartsOptions).length === 0)
      throw new ArgumentError({ where, expected: 'parts or cycles', received: 'neither' })
  },
  takes: ['date'],
  read: learnsNothing,
  outputs: (schema, { columns, options }) => {
    const made = new Map<string, ColumnType>()
    for (const [name, type] of schema) {
      const isOwn = columns.includes(name)
      if (!isOwn || options.keep === true) added(made, name, type)
      if (isOwn) for (const [one] of columnsOf(name, options)) added(made, one)
    }
    return made
  },
  apply: (frame, { columns, options, where }) => {
    const made = new Map<string, [string, Column][]>()
    for (const [name] of columnsIn(frame, { columns, learned: [] })) {
      const times = frame.dates(name, where)
      const parts = columnsOf(name, options).map(([one, of]): [string, Column] => [
        one,
        numberColumn(times.map((time) => (Number.isNaN(time) ? Number.NaN : of(new Date(time))))),
      ])
      made.set(name, options.keep === true ? [[name, frame.column(name)], ...parts] : parts)
    }
    return frame.replaced(made)
  },
})
