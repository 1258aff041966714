/**
 * Drawing by chance. Each row has a place that is the same whenever the table is read (its number where rows have an order; else what
 * it holds, and the how-manieth of its equals it is), and its number from 0 to 1 comes from MD5 of seed and place: no matter on how
 * many threads, on which machine and in which version of DuckDB.
 */
import { ArgumentError, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { Expression, sql, text } from './expression.ts'
import { type Piece, quoted } from './pieces.ts'

export interface SampleOptions {
  /** How many rows; all, where there are fewer. */
  readonly rows?: number
  /** The probability of each row. */
  readonly share?: number
  /** Makes the choice a function of this number. Default 0. */
  readonly seed?: number
}

export const sampleChecks = optionsOf<SampleOptions>()({
  rows: checks.wholeFrom(0),
  share: checks.share,
  seed: checks.integer,
})

export const shuffleChecks = optionsOf<{ readonly seed?: number }>()({ seed: checks.integer })

/** How a table is split. At most one of `stratify`, `group` and `time`. */
export interface SplitTableOptions<Row> {
  /** Makes the random choice a function of this number. Default 0. */
  readonly seed?: number
  /** A column whose values all parts are to have in the same proportions: the label, mostly. */
  readonly stratify?: keyof Row & string
  /** A column of which no value may be in two parts: the patient, the shop. */
  readonly group?: keyof Row & string
  /** A column of times: the first part is the earliest. */
  readonly time?: keyof Row & string
}

export const splitChecks = optionsOf<SplitTableOptions<Record<string, unknown>>>()({
  seed: checks.integer,
  stratify: checks.string,
  group: checks.string,
  time: checks.string,
})

type SplitKind = 'stratify' | 'group' | 'time'

export function splitBy(
  options: Readonly<Partial<Record<SplitKind, string>>>,
): { readonly kind: SplitKind; readonly column: string } | undefined {
  const given = (['stratify', 'group', 'time'] as const).filter((kind) => options[kind] !== undefined)
  if (given.length > 1)
    throw new ArgumentError({
      where: 'Table.split',
      expected: 'one of stratify, group and time',
      received: given.join(' and '),
    })
  const [kind] = given
  const column = kind === undefined ? undefined : options[kind]
  return kind === undefined || column === undefined ? undefined : { kind, column }
}

/** A part and where it ends, as a share of the whole. */
type Bound = readonly [name: string, end: number]

export function boundsOf(shares: Readonly<Record<string, number>>): readonly Bound[] {
  const entries = Object.entries(shares ?? {})
  const total = entries.reduce((sum, [, share]) => sum + share, 0)
  if (entries.length < 2 || entries.some(([, share]) => !(share > 0)) || Math.abs(total - 1) > 1e-9)
    throw new ArgumentError({
      where: 'Table.split',
      expected: 'at least two parts with shares above 0 that are 1 together: { train: 0.8, test: 0.2 }',
      received: JSON.stringify(shares) ?? 'none',
    })
  let end = 0
  return entries.map(([name, share]) => {
    end += share
    return [name, end] as const
  })
}

/** Columns that queries here add; tables cannot have them. */
export const place = 'typegrad place'
export const chance = 'typegrad chance'

/** The rows with their places. */
export function numberedQuery(
  query: readonly Piece[],
  columns: readonly string[],
  isOrdered: boolean,
): Expression {
  const inner = [...text('(').pieces, ...query, ...text('\n) AS t').pieces]
  if (isOrdered)
    return new Expression([
      ...text(
        `SELECT *, CAST(row_number() OVER () AS VARCHAR) AS "${place} text", row_number() OVER () AS "${place}" FROM `,
      ).pieces,
      ...inner,
    ])
  const row = `CAST(ROW(${columns.map(quoted).join(', ')}) AS VARCHAR)`
  // Rows that are equal are told apart by counting them; which of them is which makes no difference.
  return new Expression([
    ...text(
      `SELECT *, "typegrad content" || ':' || row_number() OVER (PARTITION BY "typegrad content") AS "${place} text", ` +
        `row_number() OVER (ORDER BY "typegrad content") AS "${place}" FROM (SELECT *, md5(${row}) AS "typegrad content" FROM `,
    ).pieces,
    ...inner,
    ...text(') AS t').pieces,
  ])
}

/** MD5's lower half as a number from 0 to 1. */
const chanceOf = (of: Expression): Expression =>
  sql`(CAST(md5_number_lower(${of}) AS DOUBLE) / 18446744073709551616.0)`

/** The rows with their places and their chances. */
export const drawnQuery = (numbered: Expression, seed: number): Expression =>
  sql`SELECT *, ${chanceOf(sql`(${`${seed}:`} || ${text(`"${place} text"`)})`)} AS ${text(`"${chance}"`)} FROM (${numbered}) AS t`

/** What decides to which part a row belongs, from the least on. */
export function splitValue(
  kind: SplitKind | undefined,
  column: string | undefined,
  seed: number,
): Expression {
  if (column === undefined || kind === 'stratify' || kind === undefined) return text(`"${chance}"`)
  if (kind === 'time') return text(quoted(column))
  return chanceOf(sql`(${`${seed}:`} || coalesce(CAST(${text(quoted(column))} AS VARCHAR), ''))`)
}

/** Finds the first value of each part but the first, for each stratum. */
export function cutsQuery(
  rows: Expression,
  value: Expression,
  strata: string | undefined,
  kind: SplitKind | undefined,
  bounds: readonly Bound[],
): Expression {
  const stratum = text(strata ?? 'NULL')
  const distinct = text(kind === 'group' ? 'DISTINCT' : '')
  const ends = bounds.slice(0, -1).map(([, end]) => end)
  const window = text('(PARTITION BY s ORDER BY v)')
  const part = sql`SELECT s, v, row_number() OVER ${window} AS place, count(*) OVER (PARTITION BY s) AS n, count(*) FILTER (WHERE v IS NULL) OVER () AS missing FROM (SELECT ${distinct} ${stratum} AS s, ${value} AS v FROM ${rows} AS t)`
  const cut = ends.map(
    (end, i) =>
      sql`${text(i === 0 ? '' : ', ')}min(v) FILTER (WHERE place > round(n * ${end})) AS ${text(`"cut ${i}"`)}`,
  )
  return sql`SELECT s, any_value(n) AS n, any_value(missing) AS missing, ${new Expression(cut.flatMap(({ pieces }) => pieces))} FROM (${part}) GROUP BY s ORDER BY s`
}

/** So many values may a column have that parts are stratified by. */
const mostStrata = 1000

type Cut = Readonly<Record<string, unknown>>

/** For each part, which rows are in it. */
export function partConditions(
  bounds: readonly Bound[],
  cuts: readonly Cut[],
  value: Expression,
  column: string | undefined,
  kind: SplitKind | undefined,
): readonly (readonly [string, Expression])[] {
  const [first] = cuts
  if (first === undefined)
    throw new DataError({ where: 'Table.split', expected: 'rows', received: 'a table without any' })
  if (kind === 'time' && Number(first.missing) > 0)
    throw new DataError({
      where: `Table.split: ${column}`,
      expected: 'a time in each row',
      received: `${first.missing} rows without`,
      fix: 'Leave them out first: filter(({ time }) => time.isPresent()).',
    })
  if (cuts.length > mostStrata)
    throw new DataError({
      where: `Table.split: ${column}`,
      expected: `a column of at most ${mostStrata} values to stratify by`,
      received: `${cuts.length}`,
      fix: 'Stratify by a coarser column; split whole groups by group.',
    })
  checkParts(bounds, cuts)
  const within = (cut: Cut, i: number): Expression => {
    const low = i === 0 ? undefined : bindable(cut[`cut ${i - 1}`])
    const high = i === bounds.length - 1 ? undefined : bindable(cut[`cut ${i}`])
    // A stratum whose rows end before a part begins has no row in it.
    if (i > 0 && low === undefined) return sql`false`
    const above = low === undefined ? sql`true` : sql`${value} >= ${low}`
    return high === undefined ? above : sql`(${above} AND ${value} < ${high})`
  }
  return bounds.map(([name], i) => {
    if (kind !== 'stratify') return [name, within(first, i)] as const
    const key = text(quoted(column as string))
    const cases = cuts.map((cut) => {
      const stratum = bindable(cut.s)
      return sql` WHEN ${stratum === undefined ? sql`${key} IS NULL` : sql`${key} = ${stratum}`} THEN ${within(cut, i)}`
    })
    return [name, sql`CASE${new Expression(cases.flatMap(({ pieces }) => pieces))} END`] as const
  })
}

const bindable = (value: unknown): unknown => (value === null || value === undefined ? undefined : value)

/** @throws DataError for a part that no row is in. */
function checkParts(bounds: readonly Bound[], cuts: readonly Cut[]): void {
  const rows = cuts.reduce((sum, { n }) => sum + Number(n), 0)
  const isEmpty = (i: number): boolean =>
    cuts.every((cut) => {
      const low = i === 0 ? undefined : cut[`cut ${i - 1}`]
      const high = i === bounds.length - 1 ? null : cut[`cut ${i}`]
      if (i === 0) return high !== null && Math.round(Number(cut.n) * (bounds[0] as Bound)[1]) === 0
      return low === null || low === undefined || (high !== null && String(high) === String(low))
    })
  const empty = bounds.findIndex((_, i) => isEmpty(i))
  if (empty < 0) return
  throw new DataError({
    where: 'Table.split',
    expected: `rows for each part: ${bounds.map(([name]) => name).join(', ')}`,
    received: `none for ${bounds[empty]?.[0]} of ${rows} rows, groups or moments`,
    fix: 'Give it a larger share, or split by another column.',
  })
}
