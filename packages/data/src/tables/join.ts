import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { quoted } from './pieces.ts'

/** Which rows a join gives. */
export type JoinKind = 'inner' | 'left' | 'right' | 'outer' | 'semi' | 'anti' | 'cross'

/** How two tables are joined. */
export interface JoinOptions<Left, Right> {
  /** Columns that have to be equal: one of both tables, several, or those of this table with those of the other. None for `'cross'`. */
  readonly on?:
    | (keyof Left & keyof Right & string)
    | readonly (keyof Left & keyof Right & string)[]
    | { readonly [K in keyof Left & string]?: keyof Right & string }
  /**
   * Rows of both (`'inner'`), and those of this table (`'left'`), of the other (`'right'`) or of both (`'outer'`) that have no
   * partner, with missing values; rows of this table that have a partner (`'semi'`) or none (`'anti'`); or all pairs (`'cross'`).
   * Default `'inner'`.
   */
  readonly how?: JoinKind
  /** What follows the name of a column of the other table that this one has too. Default `_right`. */
  readonly suffix?: string
}

export const joinChecks = optionsOf<JoinOptions<object, object>>()({
  on: checks.anything,
  how: checks.oneOf('inner', 'left', 'right', 'outer', 'semi', 'anti', 'cross'),
  suffix: checks.string,
})

export const joinWords: Readonly<Record<JoinKind, string>> = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  outer: 'FULL JOIN',
  semi: 'SEMI JOIN',
  anti: 'ANTI JOIN',
  cross: 'CROSS JOIN',
}

/** Key columns of both tables. */
export function pairsOf(on: unknown): readonly (readonly [string, string])[] {
  if (on === undefined) return []
  if (typeof on === 'string') return [[on, on]]
  if (Array.isArray(on)) return on.map((name) => [String(name), String(name)])
  return Object.entries(on as Readonly<Record<string, string>>)
}

/** What is selected of `l` and `r`, and under which names. */
export function joinedColumns(
  left: readonly string[],
  right: readonly string[],
  pairs: readonly (readonly [string, string])[],
  how: JoinKind,
  suffix: string,
): { readonly selected: string; readonly condition: string; readonly names: readonly string[] } {
  if ((how === 'cross') !== (pairs.length === 0))
    throw new ArgumentError({
      where: 'Table.join',
      expected: how === 'cross' ? 'no columns (on) for all pairs' : "columns that have to be equal: on: 'id'",
      received: how === 'cross' ? pairs.map(([name]) => name).join(', ') : 'none',
    })
  const condition =
    pairs.length === 0 ? '' : ` ON ${pairs.map(([l, r]) => `l.${quoted(l)} = r.${quoted(r)}`).join(' AND ')}`
  const partner = new Map(pairs)
  // A row of the other table alone has its keys there.
  const key = (name: string): string => {
    const other = partner.get(name)
    return other !== undefined && (how === 'right' || how === 'outer')
      ? `coalesce(l.${quoted(name)}, r.${quoted(other)})`
      : `l.${quoted(name)}`
  }
  const cells = left.map((name) => [name, key(name)] as const)
  if (how !== 'semi' && how !== 'anti') {
    const keys = new Set(pairs.map(([, name]) => name))
    const taken = new Set(left.map((name) => name.toLowerCase()))
    for (const name of right)
      if (!keys.has(name))
        cells.push([taken.has(name.toLowerCase()) ? `${name}${suffix}` : name, `r.${quoted(name)}`])
  }
  return {
    selected: cells.map(([name, of]) => `${of} AS ${quoted(name)}`).join(', '),
    condition,
    names: cells.map(([name]) => name),
  }
}
