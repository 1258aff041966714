import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { numberColumn } from '../frame.ts'
import { shown } from '../row-source.ts'
import { retyped } from '../schema.ts'
import { defineStep, learnsNothing } from '../step.ts'

/** How numbers are written: the sign before decimals, and those between groups of three digits. */
export interface NumberFormat {
  readonly decimal: '.' | ','
  /** Any of these may stand between groups; none: digits are not grouped. */
  readonly groups: readonly string[]
}

export interface ParseNumbersOptions {
  /**
   * How numbers are written: 'en' 1,234.50; 'de' 1.234,50; 'fr' 1 234,50 (any space); 'ch' 1'234.50; 'plain' 1234.50; or signs of
   * one's own. It is never guessed: 1,234 is a thousand to some and one to others.
   */
  readonly format: 'en' | 'de' | 'fr' | 'ch' | 'plain' | NumberFormat
  /** What 12 % becomes: the share 0.12, or the number 12. Default 'share'. */
  readonly percent?: 'share' | 'number'
  /** Signs and names of currencies and units that may stand before or behind. Default $, €, £, ¥, CHF, USD, EUR, GBP, JPY, CNY, kr, zł, ₹, ₩, ₽. */
  readonly units?: readonly string[]
  /** Whether (300) is −300, as accounts write it. Default true. */
  readonly accounting?: boolean
  /** What becomes of text that is no number: an error, or a missing cell. Default 'error'. */
  readonly invalid?: 'error' | 'missing'
}

const isFormat = (value: unknown): value is NumberFormat => {
  const { decimal, groups } = (value ?? {}) as Partial<NumberFormat>
  return (
    (decimal === '.' || decimal === ',') &&
    Array.isArray(groups) &&
    groups.every(
      (sign) => typeof sign === 'string' && sign.length === 1 && sign !== decimal && !/\d|[-+]/.test(sign),
    )
  )
}

const formats: Readonly<Record<'en' | 'de' | 'fr' | 'ch' | 'plain', NumberFormat>> = {
  en: { decimal: '.', groups: [','] },
  de: { decimal: ',', groups: ['.'] },
  fr: { decimal: ',', groups: [' ', '\u00a0', '\u202f'] },
  ch: { decimal: '.', groups: ["'", '’'] },
  plain: { decimal: '.', groups: [] },
}

const parseChecks = optionsOf<ParseNumbersOptions>()({
  format: checks.needed({
    expected: "'en', 'de', 'fr', 'ch', 'plain', or { decimal: ',', groups: ['.'] }",
    accepts: (value) => isFormat(value) || (typeof value === 'string' && Object.hasOwn(formats, value)),
  }),
  percent: checks.oneOf('share', 'number'),
  units: checks.list,
  accounting: checks.boolean,
  invalid: checks.oneOf('error', 'missing'),
})

const usualUnits = ['$', '€', '£', '¥', 'CHF', 'USD', 'EUR', 'GBP', 'JPY', 'CNY', 'kr', 'zł', '₹', '₩', '₽']

/** A reader of one way of writing; undefined for what is no number so written. */
export function numberReader(options: ParseNumbersOptions): (text: string) => number | undefined {
  const { format, percent = 'share', units = usualUnits, accounting = true } = options
  const { decimal, groups } = typeof format === 'string' ? formats[format] : format
  const escaped = (sign: string): string => sign.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  const point = escaped(decimal)
  const between = `[${groups.map(escaped).join('')}]`
  // All groups but the first have three digits, and one sign stands between all of them.
  const grouped = groups.length === 0 ? '' : `|\\d{1,3}(?:(${between})\\d{3})(?:\\1\\d{3})*`
  const digits = new RegExp(`^(?:\\d+${grouped})?(?:${point}\\d*)?(?:[eE][-+]?\\d+)?$`)
  const unit = units.map((one) => escaped(String(one))).join('|')
  const before = new RegExp(`^(?:${unit || '(?!)'})[\\s\\u00a0\\u202f]*`)
  const behind = new RegExp(`[\\s\\u00a0\\u202f]*(?:${unit || '(?!)'})$`)
  return (text) => {
    let rest = text.trim()
    let sign = 1
    if (accounting && rest.startsWith('(') && rest.endsWith(')')) {
      sign = -1
      rest = rest.slice(1, -1).trim()
    }
    const takeSign = (): void => {
      const [first = ''] = rest
      if (!'+-−'.includes(first) || first === '' || sign < 0) return
      if (first !== '+') sign = -1
      rest = rest.slice(1).trimStart()
    }
    takeSign()
    const withoutUnit = rest.replace(before, '')
    if (withoutUnit !== rest) {
      rest = withoutUnit
      takeSign()
    } else rest = rest.replace(behind, '')
    let factor = 1
    if (rest.endsWith('%')) {
      rest = rest.slice(0, -1).trimEnd()
      factor = percent === 'share' ? 100 : 1
    }
    if (!digits.test(rest) || !/^\D?\d/.test(rest)) return undefined
    const plain = Array.from(rest, (character) =>
      groups.includes(character) ? '' : character === decimal ? '.' : character,
    )
    const value = Number(plain.join(''))
    // Division, not a factor of 0.01: 12 % is the number nearest to 0.12.
    return Number.isFinite(value) ? (sign * value) / factor : undefined
  }
}

export const parseNumbers = defineStep<ParseNumbersOptions, null>({
  kind: 'parseNumbers',
  check: (where, options) => {
    checkOptions(where, options, parseChecks)
    const { units = [] } = options as ParseNumbersOptions
    if (!units.every((unit) => typeof unit === 'string' && unit !== ''))
      throw new ArgumentError({
        where: `${where}: units`,
        expected: 'texts',
        received: JSON.stringify(units),
      })
  },
  takes: ['text', 'number', 'mixed'],
  read: learnsNothing,
  outputs: (schema, { columns }) => retyped(schema, columns, 'number'),
  apply: (frame, { columns, options, where }) => {
    const { invalid = 'error' } = options
    const read = numberReader(options)
    return frame.with(
      columns.flatMap((name) => {
        if (!frame.has(name)) return []
        const { type, values } = frame.column(name)
        if (type === 'number') return []
        const numbers = Float64Array.from(values as readonly unknown[], (cell, row) => {
          if (cell === null || typeof cell === 'number') return cell ?? Number.NaN
          if (typeof cell === 'bigint') return Number(cell)
          const number = typeof cell === 'string' ? read(cell) : undefined
          if (number !== undefined) return number
          if (invalid === 'missing') return Number.NaN
          throw new DataError({
            where: frame.placeOf(where, name, row),
            expected: `a number, written as ${exampleOf(options.format)}`,
            received: shown(cell),
            fix: `cleaning.markMissing('${name}', { values: [${shown(cell)}] }) makes such cells missing, invalid: 'missing' all that are no numbers.`,
          })
        })
        return [[name, numberColumn(numbers)] as const]
      }),
    )
  },
  invert: null,
})

const exampleOf = (format: ParseNumbersOptions['format']): string => {
  const { decimal, groups } = typeof format === 'string' ? formats[format] : format
  return `1${groups[0] ?? ''}234${decimal}5`
}
