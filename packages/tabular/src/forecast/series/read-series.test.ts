import { recipe } from '@typegrad/data'
import { describe, expect, test } from 'vitest'
import { type ReadSeriesOptions, readSeries, type SeriesTable } from './read-series.ts'
import { scaleOf } from './series.ts'

const read = async (
  rows: readonly object[],
  options: Partial<ReadSeriesOptions> = {},
): Promise<SeriesTable> => {
  const { frame } = await recipe([]).fitTransform(rows)
  return readSeries(frame, {
    time: 'day',
    target: 'y',
    series: [],
    covariates: [],
    statics: [],
    gaps: 'refuse',
    doubles: 'refuse',
    ...options,
  })
}

const daily = (days: readonly number[], more: (day: number) => object = () => ({})): object[] =>
  days.map((day) => ({ day: new Date(Date.UTC(2024, 0, day)), y: day * 10, ...more(day) }))

test('rows in any order are series, with what is known of their future', async () => {
  const rows = ['b', 'a'].flatMap((shop) =>
    daily([3, 1, 2, 4, 5], (day) => ({
      shop,
      size: shop === 'a' ? 1 : 2,
      price: day + 0.5,
      ...(day > 3 && { y: null }),
    })),
  )
  const { series, grid, filled, gathered } = await read(rows, {
    series: ['shop'],
    covariates: ['price'],
    statics: ['size'],
  })
  expect(grid.frequency).toEqual({ unit: 'day', every: 1 })
  expect(series).toMatchObject([
    { key: ['b'], start: 0, statics: [2] },
    { key: ['a'], start: 0, statics: [1] },
  ])
  expect(Array.from(series[1]?.values ?? [])).toEqual([10, 20, 30])
  expect(Array.from(series[1]?.covariates[0] ?? [])).toEqual([1.5, 2.5, 3.5, 4.5, 5.5])
  expect([filled, gathered]).toEqual([0, 0])
})

describe('gaps are named, or filled', () => {
  const gaps = daily([1, 2, 5, 6])
  test('refused', async () => {
    await expect(read(gaps)).rejects.toThrow(
      /2 without one, the first 2 from 2024-01-03 to 2024-01-04.*gaps: 'zero'/,
    )
  })
  test.each([
    ['zero', [10, 20, 0, 0, 50, 60]],
    ['previous', [10, 20, 20, 20, 50, 60]],
    ['linear', [10, 20, 30, 40, 50, 60]],
  ] as const)('%s', async (rule, expected) => {
    const { series, filled } = await read(gaps, { gaps: rule })
    expect(Array.from(series[0]?.values ?? [])).toEqual(expected)
    expect(filled).toBe(2)
  })
})

describe('several rows of a period are named, or taken together', () => {
  const doubles = daily([1, 2, 2, 3]).map((row, i) => ({ ...row, y: i, price: i }))
  test('refused', async () => {
    await expect(read(doubles)).rejects.toThrow(/1 rows more, the first for 2024-01-02/)
  })
  test.each([
    ['sum', [0, 3, 3]],
    ['mean', [0, 1.5, 3]],
    ['last', [0, 2, 3]],
  ] as const)('%s', async (rule, expected) => {
    const { series, gathered } = await read(doubles, { doubles: rule, covariates: ['price'] })
    expect(Array.from(series[0]?.values ?? [])).toEqual(expected)
    expect(series[0]?.covariates[0]?.[1]).toBe(rule === 'last' ? 2 : 1.5)
    expect(gathered).toBe(1)
  })
  test('moments are gathered into the periods of calendars', async () => {
    const orders = ['2024-01-03 10:00', '2024-01-07 23:59', '2024-01-08 00:00', '2024-01-22 12:00'].map(
      (day) => ({ day, y: 1 }),
    )
    const options = { frequency: { unit: 'week', every: 1 }, gaps: 'zero', doubles: 'sum' } as const
    const { series, grid } = await read(orders, options)
    expect(new Date(grid.origin).toISOString()).toBe('2024-01-01T00:00:00.000Z')
    expect(Array.from(series[0]?.values ?? [])).toEqual([2, 1, 0, 1])
    await expect(read(orders, { ...options, doubles: 'refuse' })).rejects.toThrow(
      /2024-01-07T23:59:00.*between .*doubles: 'sum'/,
    )
  })
})

test('what cannot be is refused with its place', async () => {
  await expect(read(daily([1, 2]), { target: 'yy' })).rejects.toThrow(
    /one of the columns day, y.*Did you mean 'y'/,
  )
  await expect(read(daily([1, 2]), { covariates: ['y'] })).rejects.toThrow(/'y' in two.*no covariate/)
  await expect(read([{ day: 'Monday', y: 1 }])).rejects.toThrow(/row 0: expected a moment.*"Monday"/)
  await expect(
    read([
      { day: null, y: 1 },
      { day: 3, y: 1 },
    ]),
  ).rejects.toThrow(/row 0: expected a moment.*missing/)
  await expect(read([{ day: 1, y: 'many' }])).rejects.toThrow(/column 'y'.*expected numbers/)
  const changing = daily([1, 2, 3], (day) => ({ size: day > 1 ? 'large' : 'small' }))
  await expect(read(changing, { statics: ['size'] })).rejects.toThrow(/'size'.*one value.*"small", "large"/)
  const gap = daily([1, 2, 3], (day) => ({ price: day < 3 ? 1 : null }))
  await expect(read(gap, { covariates: ['price'] })).rejects.toThrow(/covariate 'price'.*none at 2024-01-03/)
  await expect(
    read(
      daily([1, 2], (day) => ({ shop: day < 2 ? 'a' : null })),
      { series: ['shop'] },
    ),
  ).rejects.toThrow(/row 1.*name of a series/)
})

test('the scale of a series is its seasonal differences, or what there is', () => {
  expect(scaleOf(Float64Array.of(1, 2, 3, 5), 2)).toBe(2.5)
  expect(scaleOf(Float64Array.of(1, 2, 1, 2), 2)).toBe(1)
  expect(scaleOf(Float64Array.of(7, 7, 7), 1)).toBe(7)
  expect(scaleOf(new Float64Array(3), 1)).toBe(1)
})
