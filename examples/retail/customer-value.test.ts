import { expect, test } from 'vitest'
import { isWhole } from '../../tools/whole-tests.ts'
import { numbers, output } from '../program.ts'
import { customerOf, readPurchases } from './cdnow.ts'
import { correlationOfRanks } from './ranks.ts'

const missingOf = (files: Promise<unknown>): Promise<string | undefined> =>
  files.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )

test('a customer is what was known when the 39 weeks begin', () => {
  const days = [
    { day: 10, discs: 2, dollars: 20 },
    { day: 200, discs: 1, dollars: 30 },
    { day: 272, discs: 4, dollars: 10 },
    { day: 273, discs: 1, dollars: 7 },
    { day: 545, discs: 1, dollars: 5 },
    { day: 546, discs: 1, dollars: 99 },
  ]
  expect(customerOf(days)).toEqual({
    ...{ purchases: 3, age: 263, recency: 262, dollars: 60, discs: 7, spent: 12 },
    ...{ firstDollars: 20, lastDollars: 10, largestDollars: 30 },
    ...{ dollars13: 40, purchases13: 2, purchases26: 2 },
  })
})

test("ranks that are equal are shared, as in SciPy's spearmanr", () => {
  expect(correlationOfRanks([1, 2, 2, 9], [5, 6, 7, 8])).toBeCloseTo(0.9486832980505138, 12)
  expect(correlationOfRanks([1, 2, 3], [4, 4, 4])).toBe(0)
})

test('purchases are those of CDNOW', { timeout: 120_000 }, async ({ skip }) => {
  const missing = await missingOf(readPurchases())
  if (missing !== undefined) return skip(missing)
  const purchases = await readPurchases()
  expect(purchases.size).toBe(23_570)
  // Two purchases on 12 January are one day of six discs.
  expect(purchases.get('00002')).toEqual([{ day: 11, discs: 6, dollars: 89 }])
})

// Of a few customers as of all.
test.skipIf(!isWhole)(
  'what customers spend is nearer to the truth than by the naive rule',
  {
    timeout: 600_000,
  },
  async ({ skip }) => {
    const missing = await missingOf(readPurchases())
    if (missing !== undefined) return skip(missing)
    const text = await output(
      'retail/customer-value.ts',
      '--customers',
      '3000',
      '--folds',
      '2',
      '--models',
      'small trees',
    )
    const [ours = 999] = numbers(text, /^typegrad +([\d.]+)/m)
    const [before = 0] = numbers(text, /^as before +([\d.]+)/m)
    expect(ours, text).toBeLessThan(before)
  },
)
