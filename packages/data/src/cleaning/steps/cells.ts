import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import {
  type Category,
  type Column,
  type ColumnType,
  nameOfType,
  numberColumn,
  textColumn,
} from '../frame.ts'
import { shown, typeOf } from '../row-source.ts'
import { retyped } from '../schema.ts'
import { columnsIn, defineStep, learnsNothing } from '../step.ts'
import { dateReader } from './date-pattern.ts'

export interface MarkMissingOptions {
  /** Cells that stand for nothing, such as ['?', 'n/a', -999]. Texts are compared without the spaces around them. Default none. */
  readonly values?: readonly Category[]
  /** Whether infinite numbers do. Default false. */
  readonly infinite?: boolean
  /** Whether texts of spaces alone do. Default false. */
  readonly blank?: boolean
}

const markChecks = optionsOf<MarkMissingOptions>()({
  values: checks.list,
  infinite: checks.boolean,
  blank: checks.boolean,
})

export const markMissing = defineStep<MarkMissingOptions, null>({
  kind: 'markMissing',
  check: (where, options) => {
    checkOptions(where, options, markChecks)
    const { values = [], infinite = false, blank = false } = options as MarkMissingOptions
    if (values.length === 0 && !infinite && !blank)
      throw new ArgumentError({ where, expected: 'values, infinite or blank', received: 'none of them' })
  },
  read: learnsNothing,
  apply: (frame, { columns, options }) => {
    const { values = [], infinite = false, blank = false } = options
    const marks = new Set<unknown>(values)
    const isMark = (cell: unknown): boolean => {
      if (typeof cell === 'number')
        return (infinite && Math.abs(cell) === Infinity) || (marks.size > 0 && marks.has(cell))
      if (typeof cell === 'string')
        return marks.has(cell.trim()) || marks.has(cell) || (blank && cell.trim() === '')
      return marks.has(cell)
    }
    return frame.with(
      columns.flatMap((name): [string, Column][] => {
        if (!frame.has(name)) return []
        const { type, values: cells } = frame.column(name)
        // Most columns have no cell that is marked: these are not copied.
        if (type === 'number' || type === 'date')
          return cells.some(isMark)
            ? [[name, { type, values: cells.map((cell) => (isMark(cell) ? Number.NaN : cell)) }]]
            : []
        return cells.some(isMark)
          ? [[name, { type, values: cells.map((cell) => (isMark(cell) ? null : cell)) }]]
          : []
      }),
    )
  },
  invert: null,
})

export interface CoerceOptions {
  /** The type that cells get: numbers and truth values of texts as JSON writes them, dates of texts in ISO 8601, and texts of all. */
  readonly to: 'number' | 'text' | 'boolean' | 'date'
  /** What becomes of a cell that is nothing of the kind: an error, or a missing cell. Default 'error'. */
  readonly invalid?: 'error' | 'missing'
  /** Texts that are true, whatever their case. Default ['true', 'yes', '1']. */
  readonly trueTexts?: readonly string[]
  /** Texts that are false, whatever their case. Default ['false', 'no', '0']. */
  readonly falseTexts?: readonly string[]
}

const coerceChecks = optionsOf<CoerceOptions>()({
  to: checks.needed(checks.oneOf('number', 'text', 'boolean', 'date')),
  invalid: checks.oneOf('error', 'missing'),
  trueTexts: checks.list,
  falseTexts: checks.list,
})

const isoDate = dateReader('iso', 'coerce')

/** What a cell is in another type; undefined for nothing. */
const coerced: Readonly<Record<CoerceOptions['to'], (cell: unknown, options: CoerceOptions) => unknown>> = {
  number: (cell) => {
    if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell)
    if (typeof cell !== 'string') return undefined
    return /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i.test(cell) ? Number(cell) : undefined
  },
  text: (cell) => {
    if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell.toISOString()
    return typeof cell === 'object' ? undefined : String(cell)
  },
  boolean: (cell, { trueTexts = ['true', 'yes', '1'], falseTexts = ['false', 'no', '0'] }) => {
    if (typeof cell === 'boolean') return cell
    const text = String(cell).trim().toLowerCase()
    const isOf = (texts: readonly string[]): boolean => texts.some((one) => one.toLowerCase() === text)
    return isOf(trueTexts) ? true : isOf(falseTexts) ? false : undefined
  },
  date: (cell) => {
    if (cell instanceof Date) return cell.getTime()
    return typeof cell === 'string' ? isoDate(cell) : undefined
  },
}

const columnOf: Readonly<Record<CoerceOptions['to'], (values: readonly unknown[]) => Column>> = {
  number: (values) => numberColumn(Float64Array.from(values, (value) => Number(value ?? Number.NaN))),
  text: (values) => textColumn(values as readonly (string | null)[]),
  boolean: (values) => ({ type: 'boolean', values }),
  date: (values) => ({
    type: 'date',
    values: Float64Array.from(values, (value) => Number(value ?? Number.NaN)),
  }),
}

export const coerce = defineStep<CoerceOptions, null>({
  kind: 'coerce',
  check: (where, options) => checkOptions(where, options, coerceChecks),
  read: learnsNothing,
  outputs: (schema, { columns, options }) => retyped(schema, columns, options.to),
  apply: (frame, { columns, options, where }) => {
    const { to, invalid = 'error' } = options
    return frame.with(
      Array.from(columnsIn(frame, { columns, learned: [] }), ([name]) => {
        const column = frame.column(name)
        if (column.type === to) return [name, column] as const
        const values = frame.cells(name).map((cell, row) => {
          if (cell === null) return null
          const value = coerced[to](cell, options)
          if (value !== undefined) return value
          if (invalid === 'missing') return null
          throw new DataError({
            where: frame.placeOf(where, name, row),
            expected: nameOfType[to satisfies ColumnType],
            received: `${shown(cell)} (${nameOfType[typeOf(cell)]})`,
            fix: "invalid: 'missing' makes such cells missing.",
          })
        })
        return [name, columnOf[to](values)] as const
      }),
    )
  },
  invert: null,
})

export interface CleanTextOptions {
  /** Whether spaces around a text go, and several within it become one. Default true. */
  readonly spaces?: boolean
  /** Whether letters become small or large ones. Default as they are. */
  readonly case?: 'lower' | 'upper'
  /** The Unicode form that texts get, so that é is one character. Default 'NFC'. */
  readonly unicode?: 'NFC' | 'NFKC'
  /** Texts that become others, after all else, such as { 'new york city': 'new york' }. Default none. */
  readonly replace?: Readonly<Record<string, string>>
}

const cleanChecks = optionsOf<CleanTextOptions>()({
  spaces: checks.boolean,
  case: checks.oneOf('lower', 'upper'),
  unicode: checks.oneOf('NFC', 'NFKC'),
  replace: {
    expected: 'an object of texts, by those that they replace',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((text) => typeof text === 'string'),
  },
})

export const cleanText = defineStep<CleanTextOptions, null>({
  kind: 'cleanText',
  check: (where, options) => checkOptions(where, options, cleanChecks),
  takes: ['text'],
  read: learnsNothing,
  apply: (frame, { columns, options, where }) => {
    const { spaces = true, case: letters, unicode = 'NFC', replace = {} } = options
    const replacements = new Map(Object.entries(replace))
    const clean = (text: string): string => {
      let made = text.normalize(unicode)
      if (spaces) made = made.trim().replace(/\s+/g, ' ')
      if (letters !== undefined) made = letters === 'lower' ? made.toLowerCase() : made.toUpperCase()
      return replacements.get(made) ?? made
    }
    return frame.with(
      Array.from(columnsIn(frame, { columns, learned: [] }), ([name]) => {
        const cells = frame.texts(name, where).map((cell) => (cell === null ? null : clean(cell)))
        return [name, textColumn(cells)] as const
      }),
    )
  },
  invert: null,
})
