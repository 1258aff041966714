import { expect, test } from 'vitest'
import { readTable } from '../tables/read-table.ts'
import { tableFrom } from '../tables/table-from.ts'
import { golden, others, rows } from '../testing/golden-tables.ts'
import { testFolder } from '../testing/test-folder.ts'
import { profile } from './profile.ts'
import { coded } from './sample-column.ts'
import {
  chiSquare,
  chiSquareTail,
  correlationRatio,
  kolmogorov,
  kolmogorovSmirnov,
  mutualInformation,
  stabilityIndex,
} from './statistics.ts'

const { file } = testFolder('profile')

test('a profile’s numbers are those of pandas and SciPy', async () => {
  const { numbers } = await profile(await tableFrom(rows), { bins: 7, compareWith: await tableFrom(others) })
  expect(numbers.rows).toBe(rows.length)
  expect(numbers.duplicateRows).toBe(golden.duplicates)
  const column = (name: string) => numbers.columns.find((one) => one.name === name)
  for (const name of ['x', 'y', 'group']) {
    const [count, mean, std, min, ...rest] = golden.describe[name]
    const found = column(name)
    expect(rows.length - (found?.missing ?? 0)).toBe(count)
    expect(found?.min).toBe(min)
    expect(found?.max).toBe(rest.at(-1))
    const numbersOf = [found?.mean, found?.std, ...(found?.quantiles ?? [])]
    ;[mean, std, ...rest.slice(0, 5)].forEach((value, i) => {
      expect(numbersOf[i]).toBeCloseTo(value, 11)
    })
  }
  expect(column('x')?.histogram?.counts).toEqual(golden.histogram.counts)
  expect(column('kind')?.top?.map(({ value, count }) => [value, count])).toEqual(golden.top)
  expect(column('flag')?.distinct).toBe(2)
  const pair = (a: string, b: string) => numbers.pairs.find((one) => one.a === a && one.b === b)
  expect(pair('x', 'y')?.value).toBeCloseTo(golden.pearson, 12)
  expect(pair('x', 'y')?.spearman).toBeCloseTo(golden.spearman, 12)
  expect(pair('kind', 'flag')?.value).toBeCloseTo(golden.cramersV, 12)
  expect(pair('kind', 'y')?.value).toBeCloseTo(golden.correlationRatio, 12)
  const drift = (name: string) => numbers.drift?.find((one) => one.name === name)
  expect([drift('x')?.statistic, drift('x')?.p]).toEqual(
    golden.kolmogorovSmirnov.map((value: number) => expect.closeTo(value, 12)),
  )
  expect([drift('kind')?.statistic, drift('kind')?.p]).toEqual([
    expect.closeTo(golden.chiSquare[0], 11),
    expect.closeTo(golden.chiSquare[2], 12),
  ])
})

test('statistics are those of SciPy and scikit-learn', () => {
  for (const [lambda, p] of golden.kolmogorov) expect(kolmogorov(lambda)).toBeCloseTo(p, 13)
  for (const [value, freedom, p] of golden.chiTail) expect(chiSquareTail(value, freedom)).toBeCloseTo(p, 12)
  const codes = (values: readonly (string | number | null)[]) => {
    const { codes, labels } = coded(values)
    return { codes, size: labels.length }
  }
  const known = rows.filter(({ kind }) => kind !== null)
  const kinds = codes(known.map(({ kind }) => kind))
  expect(mutualInformation(kinds, codes(known.map(({ group }) => group))).nats).toBeCloseTo(
    golden.mutualInformation,
    13,
  )
  // By hand: two groups of means 1 and 3, total variance 1.25 · 4, of which 4 lie between.
  expect(correlationRatio(codes(['a', 'a', 'b', 'b']), [0.5, 1.5, 2.5, 3.5])).toBeCloseTo(
    Math.sqrt(4 / 5),
    15,
  )
  expect(stabilityIndex([50, 50], [25, 75])).toBeCloseTo(-0.25 * Math.log(0.5) + 0.25 * Math.log(1.5), 15)
  expect(kolmogorovSmirnov([1, 2, 3], [1, 2, 3])).toEqual({ statistic: 0, p: 1 })
  expect(chiSquare(Float64Array.of(10, 20, 30, 40), 2, 2).statistic).toBeCloseTo(0.79365079365, 10)
})

test('what leaks the target or the future, copies, identifiers and the rest are found', async () => {
  const day = 86_400_000
  const made = Array.from({ length: 400 }, (_, i) => {
    const ordered = new Date(Date.UTC(2024, 0, 1) + (i % 90) * day)
    const returned = (i * 7) % 10 === 0
    return {
      order: 5000 + i,
      ordered,
      price: ((i * 37) % 101) + 0.5,
      priceInCents: (((i * 37) % 101) + 0.5) * 100,
      size: i % 50 === 0 ? 'n/a' : String(36 + (i % 9)),
      shop: 'Graz',
      returnedOn: returned ? new Date(ordered.getTime() + (1 + (i % 14)) * day) : null,
      reason: returned ? ['small', 'late'][i % 2] : null,
      weight: i === 7 ? Number.POSITIVE_INFINITY : (i % 13) / 3,
      returned,
    }
  })
  const { findings, numbers, ...shown } = await profile(await tableFrom([...made, ...made.slice(0, 4)]), {
    target: 'returned',
    time: 'ordered',
  }).then((found) => ({
    findings: found.findings,
    numbers: found.numbers,
    text: `${found}`,
    page: found.toHTML(),
  }))
  const found = new Set(findings.map(({ kind, columns }) => `${kind}: ${columns.join(', ')}`))
  for (const expected of [
    'targetLeak: returnedOn',
    'targetLeak: reason',
    'futureLeak: returnedOn',
    'futureLeak: reason',
    'copy: price, priceInCents',
    'notFinite: weight',
    'identifier: order',
    'constant: shop',
    'duplicateRows: ',
    'mixedText: size',
    'imbalance: returned',
    'missing: returnedOn',
  ])
    expect(found).toContain(expected)
  // Nothing of the kind is said of what has nothing to do with it.
  expect(findings.filter(({ kind }) => kind === 'targetLeak').map(({ columns }) => columns[0])).toEqual([
    'returnedOn',
    'reason',
  ])
  expect(numbers.target?.predictions.find(({ column }) => column === 'price')?.skill).toBeLessThan(0.2)
  expect(shown.text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(shown.page).not.toMatch(/<script|https?:|src=/)
})

test('amounts are no identifiers, and what dates are odd is told', async () => {
  const day = 86_400_000
  let state = 1
  const draw = (below: number): number => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  const made = Array.from({ length: 300 }, (_, i) => ({
    order: 40_000 + 3 * ((i * 7) % 300),
    customerId: draw(2 ** 31),
    amount: draw(5_000_000),
    review: `${'The goods came in time and were as they had been shown, but for colour '}${i}`,
    european: `${String(1 + (i % 28)).padStart(2, '0')}.${String(1 + (i % 12)).padStart(2, '0')}.2023`,
    unclear: `0${1 + (i % 9)}/0${1 + (i % 8)}/2023`,
    mixed: i === 3 ? '31.02.2023' : i % 2 === 0 ? '2023-05-31' : '31/05/2023',
    born: new Date(i % 10 === 0 ? 0 : Date.UTC(1980, 0, 1) + i * day),
    due: new Date(Date.UTC(2024, 0, 1) + (i % 100) * day),
  }))
  const { findings } = await profile(await tableFrom(made), { now: new Date('2024-04-05') })
  const told = (kind: string) =>
    findings.filter((one) => one.kind === kind).map(({ columns, message }) => [columns[0], message])
  expect(told('identifier').map(([name]) => name)).toEqual(['order', 'customerId'])
  expect(Object.fromEntries(told('dateText'))).toEqual({
    european: expect.stringContaining('written as day, month, year. cleaning'),
    unclear: expect.stringContaining('may be day, month, year or month, day, year: no value tells'),
    mixed: expect.stringContaining(
      'several ways (year, month, day: 150, day, month, year: 149); "31.02.2023"',
    ),
  })
  // The 5th of April is the 95th day, from 0 on: four more are later, three times each.
  expect(told('oddTime')).toEqual([
    ['born', expect.stringContaining('born is 1970-01-01 in 10 % of its values')],
    ['due', 'due is in the future (after 2024-04-05) in 12 of 300 rows.'],
  ])
})

test('of a file of CSV, the rows that are looked at come with the one scan', async () => {
  const values = Array.from({ length: 6000 }, (_, i) => i % 5000).map(
    (n) => `${n},${n % 7 === 0 ? '' : `text ${n % 3}`}\n`,
  )
  const table = await readTable(await file('values.csv', `n,kind\n${values.join('')}`))
  const { numbers } = await profile(table, { sampleRows: 1500 })
  const again = await profile(await tableFrom(await table.rows()), { sampleRows: 1500 })
  // By what they hold: the same rows as of the table that is read twice.
  expect(Math.abs(numbers.sample - 1500)).toBeLessThan(375)
  expect(
    numbers.columns.map(({ distinct: _, quantiles: __, histogram: ___, ...exact }) => exact.missing),
  ).toEqual([0, 858])
  expect(numbers.columns.map(({ mean }) => mean)).toEqual(again.numbers.columns.map(({ mean }) => mean))
  expect(Math.abs(numbers.duplicateRows - 1000)).toBeLessThan(5 * 60)
  // All of a small file, in which the estimate of its rows has no part.
  const whole = await profile(table, { sampleRows: 6000 })
  expect(whole.numbers.sample).toBe(6000)
  // Where the places that are looked at tell another number, the rows are drawn by a second scan.
  const uneven = `n,kind\n${many(40_000, 'a')}${many(40_000, 'a long text that makes lines long where the file ends')}`
  const other = await profile(await readTable(await file('uneven.csv', uneven)), { sampleRows: 2000 })
  expect(other.numbers.rows).toBe(80_000)
  expect(Math.abs(other.numbers.sample - 2000)).toBeLessThan(500)
})

const many = (rows: number, kind: string): string =>
  Array.from({ length: rows }, (_, i) => `${i},${kind}\n`).join('')

test('outliers are told of numbers that spread, not of ones among zeros', async () => {
  const made = Array.from({ length: 100 }, (_, i) => ({
    pay: i < 5 ? 900 + i : i / 10,
    isNew: i % 10 === 0 ? 1 : 0,
  }))
  const { findings } = await profile(await tableFrom(made))
  const outliers = findings.filter(({ kind }) => kind === 'outliers')
  expect(outliers.map(({ columns }) => columns[0])).toEqual(['pay'])
})

test('a page shows texts of the table as text', async () => {
  const table = await tableFrom({ '<b>"x"</b>': ['<script>alert(1)</script>', 'b'], n: [1, 2] })
  const page = (await profile(table, { title: '<i>' })).toHTML()
  expect(page).not.toMatch(/<script|<b>"x"|<i><|<title><i>/)
  await expect(profile(table.filter(({ n }) => n.gt(5)))).rejects.toThrow('expected a table with rows')
  await expect(profile(table, { target: 'm' as 'n' })).rejects.toThrow(
    'profile: expected a column of the table',
  )
})

test('of a large table, rows that are equal are drawn together', async () => {
  const values = Array.from({ length: 6000 }, (_, i) => i % 5000)
  const { numbers } = await profile(await tableFrom({ values }), { sampleRows: 1500 })
  expect(numbers.rows).toBe(6000)
  expect(numbers.columns[0]?.max).toBe(4999)
  expect(Math.abs(numbers.sample - 1500)).toBeLessThan(250)
  // A fifth of the values comes twice: a sixth of the rows. Of 1250 values that are drawn, 250 ± 14 do.
  expect(Math.abs(numbers.duplicateRows - 1000)).toBeLessThan(5 * 60)
})
