import type { Cell, Feature, Features } from '../features/feature.ts'
import { Expression, quoted, sql, text } from '../tables/expression.ts'
import { type Plan, Table } from '../tables/table.ts'
import { isNumeric, isTime } from './sample-column.ts'

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
}

export interface TableScan {
  readonly rows: number
  readonly columns: ReadonlyMap<string, ColumnScan>
}

type Aggregates = readonly (readonly [name: string, sql: string])[]

function aggregatesOf(name: string, of: Feature, time: string | undefined): Aggregates {
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

/** All counts and moments of a table, in one pass. @param time the column in which a row's time is. */
export async function scanTable(
  plan: Plan,
  features: Features,
  time: string | undefined,
): Promise<TableScan> {
  const all = Object.entries(features).map(([name, of]) => [name, aggregatesOf(name, of, time)] as const)
  const listed = all.flatMap(([, aggregates], c) => aggregates.map(([, of], a) => `${of} AS "${c} ${a}"`))
  const query = sql`SELECT count(*) AS n, ${text(listed.join(', '))} FROM (${new Expression(plan.query)}) AS t`
  const [row = {}] = await new Table<Record<string, Cell>>({
    ...plan,
    query: query.pieces,
    columns: [],
  }).rows()
  const columns = all.map(([name, aggregates], c) => {
    const found = Object.fromEntries(aggregates.map(([key], a) => [key, row[`${c} ${a}`] ?? null]))
    return [name, scanOf(found)] as const
  })
  return { rows: Number(row.n ?? 0), columns: new Map(columns) }
}

function scanOf(found: Readonly<Record<string, Cell>>): ColumnScan {
  const number = (key: string): number | undefined =>
    found[key] === null || found[key] === undefined ? undefined : Number(found[key])
  const quantiles = found.quantiles
  const [shortest, meanLength, longest] = [number('shortest'), number('meanLength'), number('longest')]
  const given = Object.fromEntries(
    (['min', 'max', 'mean', 'std', 'zeros', 'negative', 'notFinite', 'later'] as const)
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
