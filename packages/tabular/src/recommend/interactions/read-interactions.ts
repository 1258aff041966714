import type { Category, Frame } from '@typegrad/data'
import { ArgumentError, DataError } from 'typegrad/core'
import { checkColumn } from '../../features/frame-of.ts'
import type { RecommendNote } from '../recommend-notes.ts'
import { Catalogue } from './catalogue.ts'
import { type Interactions, interactionsAt } from './interactions.ts'

/** Which columns say what. */
export interface InteractionColumns {
  readonly user: string
  readonly item: string
  readonly rating?: string
  readonly time?: string
}

export interface ReadInteractions {
  readonly interactions: Interactions
  readonly users: Catalogue
  readonly items: Catalogue
  /** What was left out. */
  readonly notes: readonly RecommendNote[]
}

/** So few interactions leave nothing to learn from once some are held back. */
const leastInteractions = 10

/**
 * Reads who took what. Rows without a user, an item or a rating are left out; of several rows of one user and one item the latest
 * counts.
 *
 * @throws ArgumentError for columns that there are not, and one that is named twice; DataError for ratings and times that are none, and
 * where nothing can be learned: one user, one item, ratings that are all the same.
 */
export function readInteractions(frame: Frame, columns: InteractionColumns): ReadInteractions {
  const { user, item, rating, time } = columns
  const named = Object.entries(columns).filter(([, name]) => name !== undefined)
  for (const [option, name] of named) {
    checkColumn(frame, `recommend: ${option}`, name)
    const twice = named.find(([other, same]) => other !== option && same === name)
    if (twice !== undefined)
      throw new ArgumentError({
        where: 'recommend',
        expected: 'a column of its own for each of user, item, rating and time',
        received: `'${name}' for ${option} and ${twice[0]}`,
      })
  }
  const people = frame.categories(user, 'recommend: user')
  const things = frame.categories(item, 'recommend: item')
  const ratings = rating === undefined ? undefined : frame.numbers(rating, 'recommend: rating')
  const times = time === undefined ? undefined : timesOf(frame, time)

  const notes: RecommendNote[] = []
  const [isKnown, isRated] = [
    (row: number) => people[row] !== null && things[row] !== null,
    (row: number) => ratings === undefined || !Number.isNaN(ratings[row]),
  ]
  const whole: number[] = []
  for (let row = 0; row < frame.length; row++) if (isKnown(row) && isRated(row)) whole.push(row)
  const incomplete = frame.length - whole.length
  if (incomplete > 0) notes.push({ kind: 'incomplete', rows: incomplete, isRated: rating !== undefined })
  const kept = latestOfPairs(whole, people, things, times)
  if (kept.length < whole.length) notes.push({ kind: 'repeated', rows: whole.length - kept.length })
  // In the order of first appearance.
  const users = new Catalogue([...new Set(kept.map((row) => people[row] as Category))])
  const items = new Catalogue([...new Set(kept.map((row) => things[row] as Category))])
  checkEnough(kept.length, users, items, columns)
  const all: Interactions = {
    users: Int32Array.from(people, (id) => (id === null ? -1 : users.placeOf(id))),
    items: Int32Array.from(things, (id) => (id === null ? -1 : items.placeOf(id))),
    ratings: ratings ?? new Float64Array(frame.length).fill(1),
    times: times ?? Float64Array.from(people, (_, row) => row),
  }
  const interactions = interactionsAt(all, kept)
  return { interactions, users, items, notes }
}

function timesOf(frame: Frame, name: string): Float64Array {
  const { type, values } = frame.column(name)
  if (type === 'number' || type === 'date') {
    const row = values.findIndex((value) => !Number.isFinite(value))
    if (row < 0) return values
    throw new DataError({
      where: `recommend: time: column '${name}', row ${row}`,
      expected: 'a date or a number',
      received: Number.isNaN(values[row]) ? 'a missing cell' : String(values[row]),
      fix: 'Leave such rows out, or leave out time.',
    })
  }
  throw new DataError({
    where: `recommend: time: column '${name}'`,
    expected: 'a date or a number in each row',
    received: type,
    fix: "Make dates of it first: cleaning.parseDates of '@typegrad/data', or readTable's dates.",
  })
}

/** Of the rows of each user and item the latest; of equal times the last. In the order of the rows. */
function latestOfPairs(
  rows: readonly number[],
  people: readonly (Category | null)[],
  things: readonly (Category | null)[],
  times: Float64Array | undefined,
): number[] {
  const byPerson = new Map<Category | null, Map<Category | null, number>>()
  for (const row of rows) {
    const own = byPerson.get(people[row] as Category) ?? new Map<Category | null, number>()
    byPerson.set(people[row] as Category, own)
    const before = own.get(things[row] as Category)
    const isLater =
      before === undefined || times === undefined || (times[row] as number) >= (times[before] as number)
    if (isLater) own.set(things[row] as Category, row)
  }
  return [...byPerson.values()].flatMap((own) => [...own.values()]).sort((a, b) => a - b)
}

function checkEnough(
  rows: number,
  users: Catalogue,
  items: Catalogue,
  { user, item }: InteractionColumns,
): void {
  if (rows >= leastInteractions && users.length > 1 && items.length > 1) return
  throw new DataError({
    where: 'recommend',
    expected: `at least ${leastInteractions} interactions of several users with several items`,
    received: `${rows}, of ${users.length} in '${user}' with ${items.length} in '${item}'`,
    fix: 'Check that user and item name the right columns.',
  })
}

/** @throws DataError for ratings that are all the same. */
export function checkRatings(ratings: Float64Array, name: string): void {
  if (ratings.some((value) => value !== ratings[0])) return
  throw new DataError({
    where: `recommend: rating '${name}'`,
    expected: 'ratings that differ',
    received: `${ratings[0]} in all ${ratings.length} rows`,
    fix: 'Leave rating out: what was taken at all is then learned from.',
  })
}
