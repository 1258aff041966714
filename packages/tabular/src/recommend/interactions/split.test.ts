import { expect, test } from 'vitest'
import { type Interactions, ofSomeUsers } from './interactions.ts'
import { splitInteractions } from './split.ts'

/** Users 0 to 3 with 10, 5, 3 and 2 rows, whose times run backwards. */
const sizes = [10, 5, 3, 2]
const users = Int32Array.from(sizes.flatMap((size, user) => Array.from({ length: size }, () => user)))
const interactions: Interactions = {
  users,
  items: Int32Array.from(users, (_, row) => row),
  ratings: new Float64Array(20).fill(1),
  times: Float64Array.from(users, (_, row) => 100 - row),
}

test('the last of each user are held back, of those with three rows or more', () => {
  const one = splitInteractions(interactions, 4, 'last', { share: 0.2, isOneEach: true, seed: 0 })
  expect([...one.test]).toEqual([0, 10, 15])
  expect([...one.watched]).toEqual([1, 11, 16])
  expect(one.training).toHaveLength(14)
  const share = splitInteractions(interactions, 4, 'last', { share: 0.2, isOneEach: false, seed: 0 })
  expect([...share.test]).toEqual([0, 1, 10, 15])
  expect([...share.watched]).toEqual([2, 3, 11, 16])
})

test('the latest of all are held back, moments whole', () => {
  const rows = splitInteractions(interactions, 4, 'date', { share: 0.2, isOneEach: true, seed: 0 })
  expect([...rows.test]).toEqual([0, 1, 2, 3])
  expect([...rows.watched]).toEqual([4, 5, 6, 7])
  const tied = { ...interactions, times: Float64Array.from(users, (_, row) => Math.floor(row / 6)) }
  const parts = splitInteractions(tied, 4, 'date', { share: 0.2, isOneEach: true, seed: 0 })
  const of = (some: Uint32Array): number[] => [...new Set(Array.from(some, (row) => Math.floor(row / 6)))]
  expect([of(parts.training), of(parts.watched), of(parts.test)]).toEqual([[0], [1], [2, 3]])
})

test('random parts follow from the seed and have each row once', () => {
  const split = (seed: number) =>
    splitInteractions(interactions, 4, 'random', { share: 0.2, isOneEach: true, seed })
  const rows = split(3)
  expect([...rows.training, ...rows.watched, ...rows.test].sort((a, b) => a - b)).toEqual([
    ...interactions.items,
  ])
  expect([rows.watched.length, rows.test.length]).toEqual([4, 4])
  expect(split(3)).toEqual(rows)
  expect(split(4)).not.toEqual(rows)
})

test('some users are spread over all', () => {
  expect([...new Set(ofSomeUsers(interactions, 2).users)]).toEqual([0, 2])
  expect(ofSomeUsers(interactions, 4)).toBe(interactions)
})
