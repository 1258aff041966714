/**
 * `agreement/`: how far people agree, in the measures that the field has for it. It knows answers, and nothing of where they come
 * from.
 */

/**
 * The most pairs of a row and a column, each in one pair at most, of those that are allowed: a maximum matching of a bipartite
 * graph by augmenting paths (Kuhn, 1955; O(rows · allowed)).
 *
 * @param allowed the columns that each row may be paired with.
 * @returns pairs of a row and its column.
 */
export function maximumMatching(
  allowed: readonly (readonly number[])[],
): (readonly [row: number, column: number])[] {
  const rowOf = new Map<number, number>()
  const place = (row: number, tried: Set<number>): boolean => {
    for (const column of allowed[row] ?? []) {
      if (tried.has(column)) continue
      tried.add(column)
      const holder = rowOf.get(column)
      if (holder !== undefined && !place(holder, tried)) continue
      rowOf.set(column, row)
      return true
    }
    return false
  }
  for (const row of allowed.keys()) place(row, new Set())
  return [...rowOf].map(([column, row]) => [row, column] as const).sort(([a], [b]) => a - b)
}
