/** Who took what: row r says that the user at `users[r]` took the item at `items[r]`. */
export interface Interactions {
  readonly users: Int32Array
  readonly items: Int32Array
  /** How the user rated the item; 1 where nothing was said. */
  readonly ratings: Float64Array
  /** When; of tables without times, where the row stood. */
  readonly times: Float64Array
}

/** Some of the rows, in this order. */
export function interactionsAt(
  { users, items, ratings, times }: Interactions,
  rows: ArrayLike<number>,
): Interactions {
  const at = Array.from(rows)
  return {
    users: Int32Array.from(at, (row) => users[row] as number),
    items: Int32Array.from(at, (row) => items[row] as number),
    ratings: Float64Array.from(at, (row) => ratings[row] as number),
    times: Float64Array.from(at, (row) => times[row] as number),
  }
}

/** Interactions of each of several users or items, one behind the other: those of `i` are from `starts[i]` to `starts[i + 1]`. */
export interface Grouped {
  readonly starts: Uint32Array
  /** Places of what they interacted with, by time. */
  readonly others: Int32Array
  readonly ratings: Float64Array
}

/** Interactions by user, or by item, each group in the order of its times; equal times stay in the order of rows. */
export function grouped(
  { users, items, ratings, times }: Interactions,
  by: 'users' | 'items',
  count: number,
): Grouped {
  const [keys, others] = by === 'users' ? [users, items] : [items, users]
  const order = Uint32Array.from(keys, (_, row) => row).sort(
    (a, b) =>
      (keys[a] as number) - (keys[b] as number) || (times[a] as number) - (times[b] as number) || a - b,
  )
  const starts = new Uint32Array(count + 1)
  for (const key of keys) starts[key + 1] = (starts[key + 1] as number) + 1
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number)
  return {
    starts,
    others: Int32Array.from(order, (row) => others[row] as number),
    ratings: Float64Array.from(order, (row) => ratings[row] as number),
  }
}

/** What one of them interacted with, by time. */
export const othersOf = ({ starts, others }: Grouped, place: number): Int32Array =>
  others.subarray(starts[place], starts[place + 1])

/** Interactions of each item. */
export function countsOf(places: Int32Array, count: number): Float64Array {
  const counts = new Float64Array(count)
  for (const place of places) counts[place] = (counts[place] as number) + 1
  return counts
}

/** The interactions of at most so many users, spread evenly over their places. */
export function ofSomeUsers(interactions: Interactions, most: number): Interactions {
  const users = [...new Set(interactions.users)].sort((a, b) => a - b)
  if (users.length <= most) return interactions
  const kept = new Set(Array.from({ length: most }, (_, i) => users[Math.floor((i * users.length) / most)]))
  const rows = Array.from(interactions.users.keys()).filter((row) => kept.has(interactions.users[row]))
  return interactionsAt(interactions, rows)
}
