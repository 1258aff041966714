import type { Work } from 'typegrad/core'
import type { Grouped } from '../interactions/interactions.ts'

/** The items that are most alike of each item, `most` places each; fewer are filled with -1 and 0. */
export interface NeighbourTable {
  readonly most: number
  readonly items: Int32Array
  readonly similarities: Float32Array
}

/** What two items have of the users that took both. */
export interface Together {
  /** Users that took both. */
  readonly count: number
  /** Σ a·b, Σ a², Σ b² over them, of what each took the items for. */
  readonly ab: number
  readonly aa: number
  readonly bb: number
}

/**
 * The most similar items of each, of all that some user took together with it. Memory grows with items, time with the squares of what
 * users took.
 *
 * @param values what each user took each item for, in the order of `byUser`.
 * @param similarity of two items, which have the places i and j; what is not above 0 is left out.
 */
export function* neighbourTable(
  byUser: Grouped,
  values: Float64Array,
  items: number,
  most: number,
  similarity: (together: Together, i: number, j: number) => number,
): Work<NeighbourTable> {
  const holders = holdersOf(byUser, items)
  const table = {
    most,
    items: new Int32Array(items * most).fill(-1),
    similarities: new Float32Array(items * most),
  }
  const [count, ab, aa, bb] = [0, 1, 2, 3].map(() => new Float64Array(items)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const touched: number[] = []
  for (let i = 0; i < items; i++) {
    for (let at = holders.starts[i] as number; at < (holders.starts[i + 1] as number); at++) {
      const user = holders.users[at] as number
      const a = values[holders.rows[at] as number] as number
      for (let row = byUser.starts[user] as number; row < (byUser.starts[user + 1] as number); row++) {
        const j = byUser.others[row] as number
        const b = values[row] as number
        if (count[j] === 0) touched.push(j)
        count[j] = (count[j] as number) + 1
        ab[j] = (ab[j] as number) + a * b
        aa[j] = (aa[j] as number) + a * a
        bb[j] = (bb[j] as number) + b * b
      }
    }
    const found: { readonly item: number; readonly similarity: number }[] = []
    for (const j of touched) {
      const together = {
        count: count[j] as number,
        ab: ab[j] as number,
        aa: aa[j] as number,
        bb: bb[j] as number,
      }
      const own = j === i ? 0 : similarity(together, i, j)
      if (own > 0) found.push({ item: j, similarity: own })
      for (const sums of [count, ab, aa, bb]) sums[j] = 0
    }
    touched.length = 0
    found.sort((a, b) => b.similarity - a.similarity || a.item - b.item)
    for (const [place, { item, similarity: own }] of found.slice(0, most).entries()) {
      table.items[i * most + place] = item
      table.similarities[i * most + place] = own
    }
    yield
  }
  return table
}

/** Who took each item, and in which row of those that are grouped by user. */
function holdersOf({ starts, others }: Grouped, items: number) {
  const from = new Uint32Array(items + 1)
  for (const item of others) from[item + 1] = (from[item + 1] as number) + 1
  for (let i = 0; i < items; i++) from[i + 1] = (from[i + 1] as number) + (from[i] as number)
  const next = from.slice()
  const [users, rows] = [new Uint32Array(others.length), new Uint32Array(others.length)]
  for (let user = 0; user + 1 < starts.length; user++)
    for (let row = starts[user] as number; row < (starts[user + 1] as number); row++) {
      const item = others[row] as number
      const at = next[item] as number
      users[at] = user
      rows[at] = row
      next[item] = at + 1
    }
  return { starts: from, users, rows }
}
