/**
 * Operations of tables as loops over arrays of objects, for tests to hold DuckDB against. As in SQL, null is neither true nor false,
 * and no key.
 */
export type PlainRow = Readonly<Record<string, unknown>>

export type Truth = boolean | null

/** A number below which a cell stands: of two cells of one type. Texts go by their code points, as UTF-8 does. */
export function compared(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [[...a], [...b]]
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      const apart = ((x[i] as string).codePointAt(0) as number) - ((y[i] as string).codePointAt(0) as number)
      if (apart !== 0) return apart
    }
    return x.length - y.length
  }
  const [x, y] = [Number(a), Number(b)]
  return x === y ? 0 : x < y ? -1 : 1
}

/** Cells as texts that are equal where the cells are: 0 and −0 are, and dates of one moment. */
export const keyOf = (cell: unknown): string =>
  cell === null || cell === undefined
    ? 'null'
    : cell instanceof Date
      ? `date ${cell.getTime()}`
      : `${typeof cell} ${typeof cell === 'number' ? cell + 0 : cell}`

export const rowKey = (row: PlainRow, names = Object.keys(row)): string =>
  JSON.stringify(names.map((name) => keyOf(row[name])))

export const and = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true
export const or = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === null || b === null ? null : false
export const not = (a: Truth): Truth => (a === null ? null : !a)

/** Missing values last, whichever way the others go; rows that are equal stay in their order. */
export const orderedBy = (rows: readonly PlainRow[], name: string, descending: boolean): PlainRow[] =>
  [...rows].sort((a, b) => {
    const [x, y] = [a[name], b[name]]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return descending ? compared(y, x) : compared(x, y)
  })

export function distinct(rows: readonly PlainRow[], names?: readonly string[]): PlainRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = rowKey(row, names === undefined ? undefined : [...names])
    return !seen.has(key) && seen.add(key)
  })
}

export type PlainJoin = 'inner' | 'left' | 'right' | 'outer' | 'semi' | 'anti'

/** Rows of both tables with one key; columns of the right one that the left one has too get `_right`. */
export function joined(
  left: readonly PlainRow[],
  right: readonly PlainRow[],
  key: string,
  how: PlainJoin,
  leftNames: readonly string[],
  rightNames: readonly string[],
): PlainRow[] {
  const partners = (row: PlainRow, others: readonly PlainRow[]): readonly PlainRow[] =>
    row[key] === null
      ? []
      : others.filter((other) => other[key] !== null && keyOf(other[key]) === keyOf(row[key]))
  if (how === 'semi') return left.filter((row) => partners(row, right).length > 0)
  if (how === 'anti') return left.filter((row) => partners(row, right).length === 0)
  const both = (l: PlainRow | undefined, r: PlainRow | undefined): PlainRow =>
    Object.fromEntries([
      ...leftNames.map((name) => [name, name === key ? ((l ?? r) as PlainRow)[key] : (l?.[name] ?? null)]),
      ...rightNames
        .filter((name) => name !== key)
        .map((name) => [leftNames.includes(name) ? `${name}_right` : name, r?.[name] ?? null]),
    ])
  const rows = left.flatMap((l) => partners(l, right).map((r) => both(l, r)))
  if (how === 'left' || how === 'outer')
    rows.push(...left.filter((l) => partners(l, right).length === 0).map((l) => both(l, undefined)))
  if (how === 'right' || how === 'outer')
    rows.push(...right.filter((r) => partners(r, left).length === 0).map((r) => both(undefined, r)))
  return rows
}

/** Rows of each group; null is a group. */
export function groups(rows: readonly PlainRow[], names: readonly string[]): (readonly PlainRow[])[] {
  const found = new Map<string, PlainRow[]>()
  for (const row of rows) {
    const key = rowKey(row, [...names])
    found.set(key, [...(found.get(key) ?? []), row])
  }
  return [...found.values()]
}
