import { choice, type Expression, repeat, sequence, text } from './expression.ts'
import { mostDecimals, mostDigits } from './json-text.ts'
import { both, type Regular } from './regular.ts'

/** Between which numbers a number lies. */
export interface NumberRange {
  readonly min?: number
  readonly max?: number
  /** Whether the bounds themselves are left out. */
  readonly isAbove?: boolean
  readonly isBelow?: boolean
}

const digits = (first: number, last: number): Regular =>
  first > last ? { kind: 'choice', options: [] } : { kind: 'characters', set: [[0x30 + first, 0x30 + last]] }
const digit = digits(0, 9)
const times = (item: Regular, min: number, max: number): Regular => ({ kind: 'repeat', item, min, max })
const then = (...items: readonly Regular[]): Regular => ({ kind: 'sequence', items })
const or = (...options: readonly Regular[]): Regular => ({ kind: 'choice', options })
const word = (value: string): Regular => ({ kind: 'text', text: value })
const nothing = word('')
const some = times(digit, 0, Number.POSITIVE_INFINITY)

/** A bound's digits before the point and behind it. */
interface Decimal {
  readonly isNegative: boolean
  readonly whole: string
  /** Without zeros at the end. */
  readonly decimals: string
}

/** A finite number's digits, without an exponent. */
export function decimalOf(value: number): Decimal {
  const [, sign, before = '', behind = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? []
  const shift = Number(exponent)
  const all = `${before}${behind}`
  const place = before.length + shift
  const padded = place <= 0 ? all.padStart(all.length - place + 1, '0') : all.padEnd(place, '0')
  const point = Math.max(place, 1)
  return {
    isNegative: sign === '-',
    whole: padded.slice(0, point).replace(/^0+(?=\d)/, ''),
    decimals: padded.slice(point).replace(/0+$/, ''),
  }
}

/** As many digits, from these on. */
function digitsFrom(least: string): Regular {
  if (least === '') return nothing
  const [first, rest] = [Number(least[0]), least.slice(1)]
  return or(
    then(digits(first, first), digitsFrom(rest)),
    then(digits(first + 1, 9), times(digit, rest.length, rest.length)),
  )
}

/** As many digits, up to these. */
function digitsTo(most: string): Regular {
  if (most === '') return nothing
  const [first, rest] = [Number(most[0]), most.slice(1)]
  return or(
    then(digits(first, first), digitsTo(rest)),
    then(digits(0, first - 1), times(digit, rest.length, rest.length)),
  )
}

const natural = or(word('0'), then(digits(1, 9), times(digit, 0, mostDigits - 1)))

/** Whole numbers from 0 on that are at least, or at most, what digits say. */
function wholeFrom(least: string): Regular {
  if (least === '0') return natural
  const longer = then(digits(1, 9), times(digit, least.length, Math.max(mostDigits - 1, least.length)))
  return or(both(digitsFrom(least), natural), longer)
}
function wholeTo(most: string): Regular {
  const shorter = most.length === 1 ? [] : [then(digits(1, 9), times(digit, 0, most.length - 2)), word('0')]
  return or(both(digitsTo(most), or(word('0'), then(digits(1, 9), some))), ...shorter)
}

/** What may stand behind the point for a fraction of at least, or more than, some decimals; the point with it. */
function fractionFrom(least: string, isAbove: boolean): Regular {
  const from = (rest: string): Regular => {
    if (rest === '') return isAbove ? then(some, digits(1, 9), some) : some
    const first = Number(rest[0])
    return or(then(digits(first + 1, 9), some), then(digits(first, first), from(rest.slice(1))))
  }
  const written = then(word('.'), from(least))
  return least === '' && !isAbove ? or(nothing, written) : written
}

/** The same for at most, or less than. What stops before the decimals do is less than they are. */
function fractionTo(most: string, isBelow: boolean): Regular {
  const to = (rest: string): Regular => {
    if (rest === '') return isBelow ? or() : times(word('0'), 0, Number.POSITIVE_INFINITY)
    const first = Number(rest[0])
    return or(nothing, then(digits(0, first - 1), some), then(digits(first, first), to(rest.slice(1))))
  }
  const written = then(word('.'), to(most))
  return most === '' && isBelow ? written : or(nothing, written)
}

const successor = (whole: string): string => String(BigInt(whole) + 1n)
const anyFraction = or(nothing, then(word('.'), some))

/** Magnitudes of at least, or more than, a bound. */
const magnitudeFrom = ({ whole, decimals }: Decimal, isAbove: boolean): Regular =>
  or(then(wholeFrom(successor(whole)), anyFraction), then(word(whole), fractionFrom(decimals, isAbove)))

/** Magnitudes of at most, or less than, a bound. */
const magnitudeTo = ({ whole, decimals }: Decimal, isBelow: boolean): Regular => {
  const equal = then(word(whole), fractionTo(decimals, isBelow))
  return whole === '0' ? equal : or(equal, then(wholeTo(String(BigInt(whole) - 1n)), anyFraction))
}

const anyMagnitude = then(natural, anyFraction)
const negative = (magnitude: Regular): Regular => then(word('-'), magnitude)

/** Numbers without an exponent in a range, as JSON writes them. */
export function decimalRange({ min, max, isAbove = false, isBelow = false }: NumberRange): Regular {
  const form = then(
    times(word('-'), 0, 1),
    natural,
    times(then(word('.'), times(digit, 1, mostDecimals)), 0, 1),
  )
  const conditions: Regular[] = [form]
  if (min !== undefined) {
    const bound = decimalOf(min)
    conditions.push(
      bound.isNegative
        ? or(anyMagnitude, negative(magnitudeTo(bound, isAbove)))
        : magnitudeFrom(bound, isAbove),
    )
  }
  if (max !== undefined) {
    const bound = decimalOf(max)
    conditions.push(
      bound.isNegative
        ? negative(magnitudeFrom(bound, isBelow))
        : or(negative(anyMagnitude), magnitudeTo(bound, isBelow)),
    )
  }
  return both(...conditions)
}

/** Whole numbers in a range, none of them written as −0, that are a multiple of another one. */
export function integerRange(range: NumberRange, multipleOf = 1): Regular {
  const form = or(word('0'), then(times(word('-'), 0, 1), digits(1, 9), times(digit, 0, mostDigits - 1)))
  const conditions = [form]
  if (range.min !== undefined || range.max !== undefined) conditions.push(decimalRange(range))
  if (multipleOf !== 1) conditions.push(then(times(word('-'), 0, 1), { kind: 'multiple', of: multipleOf }))
  return both(...conditions)
}

/** Numbers with at most so many decimals. */
export const decimals = (most: number): Expression =>
  sequence(
    repeat(text('-'), 0, 1),
    choice(text('0'), sequence(plainDigits(0x31), repeat(plainDigits(0x30), 0, mostDigits - 1))),
    repeat(sequence(text('.'), repeat(plainDigits(0x30), 1, most)), 0, 1),
  )

const plainDigits = (first: number): Expression => ({ kind: 'characters', set: [[first, 0x39]] })
