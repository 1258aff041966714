/**
 * `tables/`: tables of files and of memory as lazy SQL below, which DuckDB runs, and plain rows or columns above. It knows
 * features, files and folders of this package; what a table is cleaned by or shown as, it does not know.
 */
import { ArgumentError } from 'typegrad/core'
import { type CastType, type CastValue, castName } from './cast-types.ts'
import type { Bound, Piece } from './pieces.ts'

/** A value, or an expression that has one for each row. */
export type Operand<T> = T | Expression<T> | Expression<NonNullable<T>>

/** Missing wherever the argument is missing. */
type Lifted<T, R> = null extends T ? R | null : R

export type DatePart = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'

/**
 * What a table computes for each row, or over the rows of a group: a column, a value, or an operation on such. Made from the
 * columns that a table's methods hand to a function, by {@link col}, or by {@link sql}; values are bound, never written into the
 * statement.
 *
 * As in SQL, what is computed from a missing value is missing, and a comparison with one is neither true nor false, so that
 * `filter` leaves its row out; `eq(null)` and `ne(null)` ask whether a value is missing.
 *
 * @example
 * people.filter(({ age, city }) => age.gte(18).and(city.in(['Graz', 'Linz'])))
 */
export class Expression<T = unknown> {
  /** Only for the compiler. */
  declare readonly valueType?: T
  /** Parts of the statement. */
  readonly pieces: readonly Piece[]

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces
  }

  // Comparisons.

  eq(other: Operand<T> | null): Expression<boolean> {
    return other === null ? this.isMissing() : sql`(${this} = ${other})`
  }

  ne(other: Operand<T> | null): Expression<boolean> {
    return other === null ? this.isPresent() : sql`(${this} <> ${other})`
  }

  lt(other: Operand<T>): Expression<boolean> {
    return sql`(${this} < ${other})`
  }

  lte(other: Operand<T>): Expression<boolean> {
    return sql`(${this} <= ${other})`
  }

  gt(other: Operand<T>): Expression<boolean> {
    return sql`(${this} > ${other})`
  }

  gte(other: Operand<T>): Expression<boolean> {
    return sql`(${this} >= ${other})`
  }

  /** From `low` to `high`, both included. */
  between(low: Operand<T>, high: Operand<T>): Expression<boolean> {
    return sql`(${this} BETWEEN ${low} AND ${high})`
  }

  /** One of these values; false for none of them. */
  in(values: readonly NonNullable<T>[]): Expression<boolean> {
    return sql`(${this} IN ${values as readonly unknown[]})`
  }

  isMissing(): Expression<boolean> {
    return sql`(${this} IS NULL)`
  }

  isPresent(): Expression<boolean> {
    return sql`(${this} IS NOT NULL)`
  }

  /** The value, or another where it is missing. */
  fillMissing<U extends NonNullable<T>>(other: U | Expression<U>): Expression<NonNullable<T>> {
    return sql`coalesce(${this}, ${other})`
  }

  // Of truth values.

  and(...others: readonly Expression<boolean | null>[]): Expression<boolean> {
    return others.reduce<Expression<boolean>>((all, one) => sql`(${all} AND ${one})`, sql`${this}`)
  }

  or(...others: readonly Expression<boolean | null>[]): Expression<boolean> {
    return others.reduce<Expression<boolean>>((all, one) => sql`(${all} OR ${one})`, sql`${this}`)
  }

  not(): Expression<boolean> {
    return sql`(NOT ${this})`
  }

  // Of numbers.

  add(other: Operand<T>): Expression<Lifted<T, number>> {
    return sql`(${this} + ${other})`
  }

  sub(other: Operand<T>): Expression<Lifted<T, number>> {
    return sql`(${this} - ${other})`
  }

  mul(other: Operand<T>): Expression<Lifted<T, number>> {
    return sql`(${this} * ${other})`
  }

  /** The quotient, a fraction also of whole numbers; missing for a divisor of 0. */
  div(other: Operand<T>): Expression<number | null> {
    return sql`(${this} / nullif(${other}, 0))`
  }

  /** The remainder, of the dividend's sign; missing for a divisor of 0. */
  mod(other: Operand<T>): Expression<number | null> {
    return sql`(${this} % nullif(${other}, 0))`
  }

  pow(exponent: number | Expression<number>): Expression<Lifted<T, number>> {
    return sql`pow(${this}, ${exponent})`
  }

  neg(): Expression<Lifted<T, number>> {
    return sql`(- ${this})`
  }

  abs(): Expression<Lifted<T, number>> {
    return sql`abs(${this})`
  }

  sqrt(): Expression<Lifted<T, number>> {
    return sql`sqrt(${this})`
  }

  exp(): Expression<Lifted<T, number>> {
    return sql`exp(${this})`
  }

  /** The natural logarithm. */
  log(): Expression<Lifted<T, number>> {
    return sql`ln(${this})`
  }

  /** Half away from zero. @param digits behind the point. Default 0. */
  round(digits = 0): Expression<Lifted<T, number>> {
    return sql`round(${this}, ${digits})`
  }

  floor(): Expression<Lifted<T, number>> {
    return sql`floor(${this})`
  }

  ceil(): Expression<Lifted<T, number>> {
    return sql`ceil(${this})`
  }

  // Of texts.

  lower(): Expression<Lifted<T, string>> {
    return sql`lower(${this})`
  }

  upper(): Expression<Lifted<T, string>> {
    return sql`upper(${this})`
  }

  trim(): Expression<Lifted<T, string>> {
    return sql`trim(${this})`
  }

  /** In Unicode's code points. */
  length(): Expression<Lifted<T, number>> {
    return sql`length(${this})`
  }

  contains(text: string | Expression<string>): Expression<boolean> {
    return sql`contains(${this}, ${text})`
  }

  startsWith(text: string | Expression<string>): Expression<boolean> {
    return sql`starts_with(${this}, ${text})`
  }

  endsWith(text: string | Expression<string>): Expression<boolean> {
    return sql`ends_with(${this}, ${text})`
  }

  /** Whether a regular expression (RE2) is found anywhere in the text. */
  matches(pattern: string | RegExp): Expression<boolean> {
    return sql`regexp_matches(${this}, ${sourceOf(pattern)}, ${flagsOf(pattern)})`
  }

  /** Every occurrence of a text, or of a regular expression (RE2), by another. */
  replaceAll(found: string | RegExp, by: string): Expression<Lifted<T, string>> {
    return typeof found === 'string'
      ? sql`replace(${this}, ${found}, ${by})`
      : sql`regexp_replace(${this}, ${found.source}, ${by}, ${`g${flagsOf(found)}`})`
  }

  /** As `String.slice` without negative places, in code points. */
  slice(start: number, end?: number): Expression<Lifted<T, string>> {
    return end === undefined
      ? sql`substring(${this}, ${start + 1})`
      : sql`substring(${this}, ${start + 1}, ${Math.max(0, end - start)})`
  }

  // Of dates and times, in UTC.

  year(): Expression<Lifted<T, number>> {
    return sql`year(${this})`
  }

  /** 1 to 12. */
  month(): Expression<Lifted<T, number>> {
    return sql`month(${this})`
  }

  /** 1 to 31. */
  day(): Expression<Lifted<T, number>> {
    return sql`day(${this})`
  }

  /** 1 for Monday to 7 for Sunday (ISO 8601). */
  weekday(): Expression<Lifted<T, number>> {
    return sql`isodow(${this})`
  }

  hour(): Expression<Lifted<T, number>> {
    return sql`hour(${this})`
  }

  minute(): Expression<Lifted<T, number>> {
    return sql`minute(${this})`
  }

  second(): Expression<Lifted<T, number>> {
    return sql`second(${this})`
  }

  /** The beginning of the year, month, … in which the moment lies. */
  startOf(part: DatePart): Expression<T> {
    return sql`date_trunc(${part}, ${this})`
  }

  // Of any kind.

  /** @throws DataError, when rows are read, for a value that the type cannot hold. */
  cast<const C extends CastType>(to: C): Expression<Lifted<T, CastValue<C>>> {
    return sql`CAST(${this} AS ${text(castName(to))})`
  }

  /** As `cast`; missing where the type cannot hold the value. */
  tryCast<const C extends CastType>(to: C): Expression<CastValue<C> | null> {
    return sql`TRY_CAST(${this} AS ${text(castName(to))})`
  }

  // Over the rows of a group. Missing values are left out; over none, the result is missing.

  sum(): Expression<number | null> {
    return sql`sum(${this})`
  }

  mean(): Expression<number | null> {
    return sql`avg(${this})`
  }

  min(): Expression<T | null> {
    return sql`min(${this})`
  }

  max(): Expression<T | null> {
    return sql`max(${this})`
  }

  median(): Expression<number | null> {
    return sql`median(${this})`
  }

  /** With linear interpolation between neighbours, as NumPy's default. @param q from 0 to 1. */
  quantile(q: number): Expression<number | null> {
    if (!(q >= 0 && q <= 1))
      throw new ArgumentError({ where: 'quantile', expected: 'a number from 0 to 1', received: String(q) })
    return sql`quantile_cont(${this}, ${text(String(q))})`
  }

  /** Of a sample: divided by n − 1. */
  std(): Expression<number | null> {
    return sql`stddev_samp(${this})`
  }

  /** Of a sample: divided by n − 1. */
  variance(): Expression<number | null> {
    return sql`var_samp(${this})`
  }

  /** How many values are there. */
  count(): Expression<number> {
    return sql`count(${this})`
  }

  countDistinct(): Expression<number> {
    return sql`count(DISTINCT ${this})`
  }

  /** The most frequent value; of several, the least. */
  mode(): Expression<T | null> {
    return sql`mode(${this} ORDER BY ${this})`
  }

  /** The value of the row in which another is least: a group's first price, by the day. Rows where either is missing do not count. */
  atLeast(other: Expression): Expression<T | null> {
    return sql`arg_min(${this}, ${other})`
  }

  /** The value of the row in which another is greatest. */
  atGreatest(other: Expression): Expression<T | null> {
    return sql`arg_max(${this}, ${other})`
  }

  // Orders.

  /** From the least on; missing values last. */
  ascending(): Ordering {
    return { by: this, descending: false }
  }

  /** From the greatest on; missing values last. */
  descending(): Ordering {
    return { by: this, descending: true }
  }
}

/** By what rows are ordered, and which way. */
export interface Ordering {
  readonly by: Expression
  readonly descending: boolean
}

const sourceOf = (pattern: string | RegExp): string =>
  typeof pattern === 'string' ? pattern : pattern.source

/** Those of JavaScript's flags that RE2 has too. */
const flagsOf = (pattern: string | RegExp): string =>
  typeof pattern === 'string' ? '' : [...pattern.flags].filter((flag) => 'ims'.includes(flag)).join('')

/** Text of SQL that typegrad itself has written. */
export const text = (written: string): Expression<never> => new Expression([{ kind: 'text', text: written }])

/** A column by its name, for tables whose columns TypeScript does not know: `col<number>('age').gt(18)`. */
export const col = <T = unknown>(name: string): Expression<T> => new Expression([{ kind: 'column', name }])

/** One value where a condition is true, another where it is false or missing: `when(age.lt(18), 'child', 'adult')`. */
export const when = <A, B>(
  condition: Expression<boolean | null>,
  yes: A | Expression<A>,
  no: B | Expression<B>,
): Expression<A | B> => sql`(CASE WHEN ${condition} THEN ${yes} ELSE ${no} END)`

/** The number of rows of a group. */
export const count = (): Expression<number> => sql`count(*)`

/** What can stand in a template: it is asked for its query. */
export interface Readable {
  /** The pieces of a query that gives its rows. */
  readonly query: readonly Piece[]
}

/**
 * SQL with values in it: each is bound, and never becomes a part of the text. Columns, expressions and tables may stand in it,
 * and an array stands for a list in brackets: `city IN ${cities}`. The dialect is DuckDB's.
 *
 * It is an expression where a table's methods want one, and a query for {@link readTable}.
 *
 * @throws ArgumentError for what cannot be bound.
 * @example
 * people.filter(sql`age BETWEEN ${low} AND ${high}`)
 * people.derive(({ name }) => ({ initial: sql<string>`left(${name}, 1)` }))
 * await readTable(sql`SELECT city, avg(age) AS age FROM ${people} GROUP BY city`)
 */
export function sql<T = unknown>(strings: TemplateStringsArray, ...holes: readonly unknown[]): Expression<T> {
  const pieces: Piece[] = []
  strings.forEach((written, i) => {
    if (written !== '') pieces.push({ kind: 'text', text: written })
    if (i < holes.length) pieces.push(...piecesOf(holes[i]))
  })
  return new Expression(pieces)
}

function piecesOf(hole: unknown): readonly Piece[] {
  if (hole instanceof Expression) return hole.pieces
  if (isReadable(hole)) return [open, ...hole.query, close]
  if (Array.isArray(hole)) {
    // No value is in an empty list, and none is not in it: `IN (NULL)` would be neither.
    if (hole.length === 0) return [{ kind: 'text', text: '(SELECT NULL WHERE false)' }]
    return [
      open,
      ...hole.flatMap((item, i) => (i === 0 ? piecesOf(item) : [comma, ...piecesOf(item)])),
      close,
    ]
  }
  if (isBound(hole)) return [{ kind: 'value', value: hole }]
  throw new ArgumentError({
    where: 'sql',
    expected:
      'values to bind (null, boolean, number, bigint, string, Date, Uint8Array, arrays of these), columns, expressions or tables',
    received: hole === undefined ? 'undefined' : Object.prototype.toString.call(hole).slice(8, -1),
  })
}

const open: Piece = { kind: 'text', text: '(' }
const close: Piece = { kind: 'text', text: '\n)' }
const comma: Piece = { kind: 'text', text: ', ' }

const isReadable = (value: unknown): value is Readable =>
  typeof value === 'object' && value !== null && 'query' in value && Array.isArray(value.query)

const isBound = (value: unknown): value is Bound =>
  value === null ||
  ['boolean', 'number', 'bigint', 'string'].includes(typeof value) ||
  value instanceof Uint8Array ||
  (value instanceof Date && !Number.isNaN(value.getTime()))

/** Pieces of what is an expression or a value. */
export const expressionOf = <T>(of: T | Expression<T>): Expression<T> => new Expression(piecesOf(of))
