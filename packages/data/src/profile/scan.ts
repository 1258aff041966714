import type { Cell, Feature, Features } from '../features/feature.ts'
import { Expression, sql, text } from '../tables/expression.ts'
import { quoted } from '../tables/pieces.ts'
import { Table } from '../tables/table.ts'
import type { Plan } from '../tables/table-types.ts'
import { isNumeric, isTime } from './sample-column.ts'
import { hashOf, isDrawn, rowHash, sampled, sampleFrom, type TableSample } from './table-sample.ts'

/** What one scan says of a column, over all rows. */
export interface ColumnScan {
  readonly present: number
  /** Within some 2 %. */
  readonly distinct: number
  readonly min?: number
  readonly max?: number
  readonly mean?: number
  readonly std?: number
  readonly quantiles?: readonly [number, number, number, number, number]
  readonly zeros?: number
  readonly negative?: number
  readonly notFinite?: number
  readonly length?: { readonly min: number; readonly mean: number; readonly max: number }
  /** Of times: rows in which it is later than the time that the profile was given. */
  readonly later?: number
  /** Of times: rows in which it is later than now. */
  readonly future?: number
}

export interface TableScan {
  readonly rows: number
  readonly columns: ReadonlyMap<string, ColumnScan>
}

type Aggregates = readonly (readonly [name: string, sql: string])[]

function aggregatesOf(name: string, of: Feature, time: string | undefined, now: Date): Aggregates {
  const x = quoted(name)
  const common: Aggregates = [
    ['present', `count(${x})`],
    ['distinct', `approx_count_distinct(${x})`],
  ]
  if (isNumeric(of)) {
    const mayBeInfinite = of.kind === 'value' && /^(float|double)/.test(of.dtype)
    const v = `CAST(${x} AS DOUBLE)`
    const finite = mayBeInfinite ? ` FILTER (WHERE isfinite(${x}))` : ''
    return [
      ...common,
      ['min', `CAST(min(${x})${finite} AS DOUBLE)`],
      ['max', `CAST(max(${x})${finite} AS DOUBLE)`],
      ['mean', `avg(${v})${finite}`],
      ['std', `stddev_samp(${v})${finite}`],
      ['quantiles', `approx_quantile(${v}, [0.05, 0.25, 0.5, 0.75, 0.95])${finite}`],
      ['zeros', `count(*) FILTER (WHERE ${x} = 0)`],
      ['negative', `count(*) FILTER (WHERE ${x} < 0)`],
      ['notFinite', mayBeInfinite ? `count(*) FILTER (WHERE NOT isfinite(${x}))` : '0'],
    ]
  }
  if (isTime(of)) {
    const v = `epoch_ms(CAST(${x} AS TIMESTAMP))`
    return [
      ...common,
      ['min', `min(${v})`],
      ['max', `max(${v})`],
      ['future', `count(*) FILTER (WHERE ${v} > ${now.getTime()})`],
      ['later', time === undefined || time === name ? '0' : `count(*) FILTER (WHERE ${x} > ${quoted(time)})`],
    ]
  }
  if (of.kind === 'value' && of.dtype === 'string')
    return [
      ...common,
      ['shortest', `min(length(${x}))`],
      ['longest', `max(length(${x}))`],
      ['meanLength', `avg(length(${x}))`],
    ]
  return of.kind === 'value' ? common : [['present', `count(${x})`]]
}

/** What one pass over a table gives. */
export interface Scanned extends TableScan {
  /** The rows that are looked at closer; undefined where the number of rows was not known before, or was another. */
  readonly sample?: TableSample
}

/**
 * All counts and moments of a table in one pass, and with them the rows that are looked at closer, if it is known about how many rows
 * there are.
 *
 * @param options the column in which a row's time is, what is later than which is in the future, and rows that are looked at closer.
 */
export async function scanTable(
  plan: Plan,
  features: Features,
  { time, now, most }: { readonly time: string | undefined; readonly now: Date; readonly most: number },
): Promise<Scanned> {
  const all = Object.entries(features).map(([name, of]) => [name, aggregatesOf(name, of, time, now)] as const)
  const listed = all.flatMap(([, aggregates], c) => aggregates.map(([, of], a) => `${of} AS "${c} ${a}"`))
  const aggregates = `count(*) AS n, ${listed.join(', ')}`
  const expected = await expectedRows(plan)
  const query =
    expected === undefined
      ? sql`SELECT ${text(aggregates)} FROM (${new Expression(plan.query)}) AS t`
      : scanWithSample(plan, aggregates, most / expected)
  const keys = all.flatMap(([, aggregates], c) => aggregates.map((_, a) => `${c} ${a}`))
  const columns = await new Table<Record<string, Cell>>({
    ...plan,
    query: query.pieces,
    columns: ['n', ...keys, ...plan.columns.map(sampled), rowHash],
  }).columns()
  // The row of all aggregates is the only one with a number of rows.
  const first = columns.n?.findIndex((n) => n !== null) ?? 0
  const row = (key: string): Cell => columns[key]?.[first] ?? null
  const rows = Number(row('n') ?? 0)
  const scans = all.map(([name, of], c) => {
    const found = Object.fromEntries(of.map(([key], a) => [key, row(`${c} ${a}`)]))
    return [name, scanOf(found)] as const
  })
  const sample =
    expected === undefined || !isFair(rows, (columns.n?.length ?? 1) - 1, most, expected)
      ? undefined
      : sampleFrom(plan, features, (name) => (columns[name] ?? []).toSpliced(first, 1))
  return { rows, columns: new Map(scans), ...(sample !== undefined && { sample }) }
}

/** About how many rows files have, where that costs nothing. */
async function expectedRows({ query }: Plan): Promise<number | undefined> {
  const [piece] = query
  if (query.length !== 1 || piece?.kind !== 'source' || piece.source.kind !== 'files') return undefined
  return piece.source.expectedRows?.()
}

/** Whether so many rows were drawn as were wanted, within a quarter; all, where there are no more. */
const isFair = (rows: number, drawn: number, most: number, expected: number): boolean =>
  rows <= most ? drawn === rows : expected > most && Math.abs(drawn - most) <= most / 4

/** Aggregates, and rows drawn by what they hold, in one pass over a table: a row of the aggregates, then those that were drawn. */
function scanWithSample(plan: Plan, aggregates: string, share: number): Expression {
  const fields = ['h', ...plan.columns.map((_, i) => `s${i}`)]
  const packed = plan.columns.map((name, i) => `s${i} := ${quoted(name)}`).join(', ')
  return new Expression([
    ...text(
      `WITH scanned AS MATERIALIZED (SELECT ${aggregates}, list(struct_pack(h := "${rowHash}", ${packed})) FILTER (WHERE ${isDrawn(share)}) AS drawn ` +
        `FROM (SELECT *, ${hashOf(plan.columns)} AS "${rowHash}" FROM (`,
    ).pieces,
    ...plan.query,
    ...text(
      `\n) AS t) AS t), drawn AS (SELECT unnest(drawn, max_depth := 2) FROM scanned) ` +
        `SELECT * EXCLUDE (drawn) FROM scanned UNION ALL BY NAME (SELECT h AS "${rowHash}", ${fields
          .slice(1)
          .map((field, i) => `${field} AS ${quoted(sampled(plan.columns[i] as string))}`)
          .join(', ')} FROM drawn ORDER BY h)`,
    ).pieces,
  ])
}

function scanOf(found: Readonly<Record<string, Cell>>): ColumnScan {
  const number = (key: string): number | undefined =>
    found[key] === null || found[key] === undefined ? undefined : Number(found[key])
  const quantiles = found.quantiles
  const [shortest, meanLength, longest] = [number('shortest'), number('meanLength'), number('longest')]
  const given = Object.fromEntries(
    (['min', 'max', 'mean', 'std', 'zeros', 'negative', 'notFinite', 'later', 'future'] as const)
      .map((key) => [key, number(key)] as const)
      .filter(([, value]) => value !== undefined),
  )
  return {
    present: number('present') ?? 0,
    distinct: number('distinct') ?? 0,
    ...given,
    ...(Array.isArray(quantiles) &&
      quantiles.every((value) => value !== null) && {
        quantiles: quantiles.map(Number) as unknown as readonly [number, number, number, number, number],
      }),
    ...(shortest !== undefined &&
      meanLength !== undefined &&
      longest !== undefined && { length: { min: shortest, mean: meanLength, max: longest } }),
  }
}
