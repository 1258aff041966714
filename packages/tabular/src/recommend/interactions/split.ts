import { DataError, hostRandom } from 'typegrad/core'
import { grouped, type Interactions } from './interactions.ts'

/**
 * How rows are held back: the `last` of each user; the latest of all, by `date`; or a `random` part. What is recommended tomorrow is
 * judged by the first two; the first knows what other users took later.
 */
export type SplitKind = 'last' | 'date' | 'random'

/** Rows that are learned from, rows by which models are chosen, and rows that they are judged on. */
export interface SplitRows {
  readonly training: Uint32Array
  readonly watched: Uint32Array
  readonly test: Uint32Array
}

export interface SplitSizes {
  /** The share of the rows in each of the two parts that are held back. */
  readonly share: number
  /** Of `last`: whether one row of each user is held back for each part, whatever the share. */
  readonly isOneEach: boolean
  readonly seed: number
}

/**
 * Divides interactions. Users with fewer than three rows are learned from alone where the last of each are held back.
 *
 * @throws DataError where nothing is left to be judged on.
 */
export function splitInteractions(
  interactions: Interactions,
  users: number,
  kind: SplitKind,
  sizes: SplitSizes,
): SplitRows {
  const rows = splitters[kind](interactions, users, sizes)
  if (rows.test.length > 0 && rows.watched.length > 0 && rows.training.length > 0) return rows
  throw new DataError({
    where: `recommend: split '${kind}'`,
    expected: problems[kind],
    received: `${rows.training.length} rows to learn from, ${rows.watched.length} to choose by and ${rows.test.length} to judge on`,
    fix: kind === 'random' ? 'There are too few rows.' : "split: 'random' needs no time.",
  })
}

const problems: Readonly<Record<SplitKind, string>> = {
  last: 'users with three interactions or more',
  date: 'moments that divide the rows into earlier and later ones',
  random: 'rows for each of three parts',
}

type Splitter = (interactions: Interactions, users: number, sizes: SplitSizes) => SplitRows

const splitters: Readonly<Record<SplitKind, Splitter>> = { last: lastOfEach, date: byDate, random: atRandom }

function lastOfEach(interactions: Interactions, users: number, { share, isOneEach }: SplitSizes): SplitRows {
  const rows = grouped(
    // The places of rows stand in for items, so that they come back in the order of time.
    { ...interactions, items: Int32Array.from(interactions.items, (_, row) => row) },
    'users',
    users,
  )
  const [training, watched, test]: [number[], number[], number[]] = [[], [], []]
  for (let user = 0; user < users; user++) {
    const own = rows.others.subarray(rows.starts[user], rows.starts[user + 1])
    const held = own.length < 3 ? 0 : isOneEach ? 1 : Math.max(1, Math.round(share * own.length))
    training.push(...own.subarray(0, own.length - 2 * held))
    watched.push(...own.subarray(own.length - 2 * held, own.length - held))
    test.push(...own.subarray(own.length - held))
  }
  return inOrder(training, watched, test)
}

/** Rows of one moment stay together. */
function byDate({ times }: Interactions, _users: number, { share }: SplitSizes): SplitRows {
  const order = Uint32Array.from(times, (_, row) => row).sort(
    (a, b) => (times[a] as number) - (times[b] as number) || a - b,
  )
  const cut = (near: number): number => {
    let at = near
    while (at > 0 && at < order.length && times[order[at - 1] as number] === times[order[at] as number])
      at -= 1
    return at
  }
  const held = Math.max(1, Math.round(share * order.length))
  const test = cut(order.length - held)
  const watched = cut(Math.max(0, test - held))
  return inOrder(order.subarray(0, watched), order.subarray(watched, test), order.subarray(test))
}

function atRandom({ users }: Interactions, _users: number, { share, seed }: SplitSizes): SplitRows {
  const order = Uint32Array.from(users, (_, row) => row)
  const below = hostRandom(seed, 0x5b117)
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1)
    const kept = order[i] as number
    order[i] = order[j] as number
    order[j] = kept
  }
  const held = Math.max(1, Math.round(share * order.length))
  return inOrder(order.subarray(2 * held), order.subarray(held, 2 * held), order.subarray(0, held))
}

const inOrder = (
  training: ArrayLike<number>,
  watched: ArrayLike<number>,
  test: ArrayLike<number>,
): SplitRows => {
  const sorted = (rows: ArrayLike<number>): Uint32Array => Uint32Array.from(rows).sort()
  return { training: sorted(training), watched: sorted(watched), test: sorted(test) }
}
