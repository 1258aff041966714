import { expect, test } from 'vitest'
import { isWhole } from '../../tools/whole-tests.ts'
import { numbers, output } from '../program.ts'
import { readMovieLens } from './movielens.ts'

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

test('ratings are those of MovieLens', { timeout: 120_000 }, async ({ skip }) => {
  const missing = await missingOf(readMovieLens())
  if (missing !== undefined) return skip(missing)
  const { ratings, users, films } = await readMovieLens()
  expect([ratings.length, users.length, films.length]).toEqual([100_000, 943, 1682])
  expect(ratings[0]).toEqual({
    user: '196',
    film: 'Kolya (1996) #242',
    stars: 3,
    when: new Date('1997-12-04T15:55:49Z'),
  })
  expect(users[0]).toEqual({ user: '1', age: 24, gender: 'M', trade: 'technician' })
  expect(films[0]).toMatchObject({ title: 'Toy Story', year: 1995 })
})

// All people take minutes; a few are too few to be told apart by more than the means of films.
test.skipIf(!isWhole)(
  'ratings and lists are better than those of means and popularity',
  {
    timeout: 600_000,
  },
  async ({ skip }) => {
    const missing = await missingOf(readMovieLens())
    if (missing !== undefined) return skip(missing)
    const text = await output('retail/movies.ts', '--folds', '1', '--users', '300')
    const [ours = 9, means = 0] = numbers(text, /^mean +([\d.]+) +([\d.]+)/m)
    expect(ours, text).toBeLessThan(means - 0.04)
    const [popular = 1] = numbers(text, /^popularity +([\d.]+)/m)
    const [taken = 0] = numbers(text, /\(taken\) +([\d.]+)/)
    expect(taken, text).toBeGreaterThan(popular)
  },
)
