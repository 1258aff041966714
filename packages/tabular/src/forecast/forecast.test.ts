import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { packSaved } from '../saving/container.ts'
import { goldenSeries } from '../testing/golden-forecasts.ts'
import { forecast } from './forecast.ts'
import { ForecastModel } from './forecast-model.ts'

const airline = goldenSeries('airline').values
const monthly = Array.from(airline, (passengers, t) => ({
  month: new Date(Date.UTC(1949, t, 1)),
  passengers,
}))

/** Shops whose sales have a week, a level and some noise of their own. */
const shops = (
  names: readonly string[],
  days: number,
): { day: string; shop: string; region: string; sold: number }[] =>
  names.flatMap((shop, i) =>
    Array.from({ length: days }, (_, t) => ({
      day: new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10),
      shop,
      region: i % 2 === 0 ? 'north' : 'south',
      sold: Math.max(
        0,
        Math.round((i % 2 === 0 ? 20 : 80) + 8 * Math.sin((2 * Math.PI * t) / 7) + 4 * Math.sin(t * 7.1 + i)),
      ),
    })),
  )

test('three lines forecast passengers better than the year before, with quantiles that hold, and are kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forecast-'))
  try {
    const model = await forecast(monthly, {
      time: 'month',
      target: 'passengers',
      horizon: 12,
      models: ['ETS', 'theta'],
      windows: 3,
    })
    const { task, data, scores, candidates } = model.report
    expect(task).toMatchObject({ frequency: 'month', season: 12, horizon: 12 })
    expect(data).toMatchObject({
      series: 1,
      values: 144,
      judged: 1,
      watched: 2,
      from: '1949-01-01',
      to: '1960-12-01',
    })
    expect(candidates.map(({ name }) => name)).toEqual(['naive', 'seasonal naive', 'theta', 'ETS'])
    expect(candidates.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1)
    const [mase, , crps] = scores
    const naive = candidates[1]?.scores
    expect(mase?.value).toBeLessThan(0.6 * (naive?.[0]?.value as number))
    expect(crps?.value).toBeLessThan(0.7 * (naive?.[2]?.value as number))
    expect(`${model}`).toMatch(
      /^passengers: 12 × month ahead of one series, 144 values from 1949-01-01 to 1960-12-01\n/,
    )
    const { levels, series } = await model.predict()
    const [only] = series
    expect(only?.times[0]).toEqual(new Date(Date.UTC(1961, 0, 1)))
    expect(only?.times[11]).toEqual(new Date(Date.UTC(1961, 11, 1)))
    expect(levels).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    only?.values.forEach((value, k) => {
      expect(value).toBe(only.quantiles[4]?.[k])
      for (let i = 1; i < levels.length; i++)
        expect(only.quantiles[i]?.[k]).toBeGreaterThanOrEqual(only.quantiles[i - 1]?.[k] as number)
    })
    const path = join(folder, 'passengers.model')
    await model.save(path)
    const again = await ForecastModel.load(path)
    expect(again.report).toEqual(model.report)
    expect(await again.predict()).toEqual(await model.predict())
    // A year that came since moves what follows.
    const later = Array.from({ length: 12 }, (_, t) => ({
      month: new Date(Date.UTC(1961, t, 1)),
      passengers: 1.1 * (airline[132 + t] as number),
    }))
    const next = (await again.predict(later)).series[0]
    expect(next?.times[0]).toEqual(new Date(Date.UTC(1962, 0, 1)))
    expect(next?.values[6]).toBeGreaterThan(only?.values[6] as number)
    await expect(again.predict(later.slice(2))).rejects.toThrow(/2 periods between them/)
    const bytes = readFileSync(path)
    bytes[100] = (bytes[100] as number) ^ 1
    writeFileSync(path, bytes)
    await expect(ForecastModel.load(path)).rejects.toThrow(FormatError)
    writeFileSync(path, packSaved({ format: 'typegrad-forecast-model', version: 9 }))
    await expect(ForecastModel.load(path)).rejects.toThrow(/version 1.*received 9/)
    await expect(ForecastModel.load(join(folder, 'none.model'))).rejects.toThrow(/ENOENT/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('many series, short ones and new ones are forecast, as rows too', async () => {
  const rows = [
    ...shops(['a', 'b', 'c', 'd', 'e', 'f'], 60),
    ...shops(['new'], 5).map((row) => ({
      ...row,
      day: row.day.replace('2024-01', '2024-02').replace(/-0(\d)$/, (_, d) => `-2${Number(d) + 4}`),
    })),
  ]
  const model = await forecast(rows, {
    time: 'day',
    target: 'sold',
    series: 'shop',
    statics: ['region'],
    horizon: 7,
    levels: [0.1, 0.9],
    models: ['theta'],
  })
  const { data, notes, scores, task } = model.report
  expect(task).toMatchObject({ frequency: 'day', season: 7, levels: [0.1, 0.5, 0.9] })
  expect(data).toMatchObject({ series: 7, judged: 6, watched: 24 })
  expect(notes.join()).toContain('Too short to be judged, but forecast: series "new"')
  expect(scores[0]?.low).toBeLessThan(scores[0]?.value as number)
  const { series } = await model.predict()
  expect(series.map(({ key }) => key[0])).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'new'])
  expect(series[6]?.values.every((value) => value >= 0)).toBe(true)
  // A shop that nothing is known of but its region: as the shops there.
  const south = await model.predict([{ day: '2024-03-01', shop: 'g', region: 'south' }])
  const north = await model.predict([{ day: '2024-03-01', shop: 'h', region: 'north' }])
  expect(south.series[0]?.values[0]).toBeGreaterThan(65)
  expect(north.series[0]?.values[0]).toBeLessThan(35)
  await expect(model.predict([{ day: '2024-06-01', shop: 'g', region: 'south' }])).rejects.toThrow(
    /right behind the last/,
  )
  const table = await model.predictRows()
  expect(table).toHaveLength(49)
  expect(Object.keys(table[0] ?? {})).toEqual(['shop', 'day', 'sold', 'sold 0.1', 'sold 0.5', 'sold 0.9'])
})

describe('bad input is refused before anything is fitted', () => {
  const options = { time: 'month', target: 'passengers', horizon: 12 } as const
  test.each<[string, object[], object, RegExp]>([
    ['a horizon longer than the history', monthly.slice(0, 12), {}, /at most 11, received 12/],
    ['a constant target', monthly.map((row) => ({ ...row, passengers: 3 })), {}, /3 everywhere/],
    ['no target', monthly.map((row) => ({ ...row, passengers: null })), {}, /rows without any/],
    ['a gap', monthly.filter((_, t) => t !== 30), {}, /first 1 from 1951-07-01 to 1951-07-01/],
    ['a double', [...monthly, monthly[3] as object], {}, /1 rows more, the first for 1949-04-01/],
    ['an unknown option', monthly, { horizons: 3 }, /Did you mean horizon/],
    ['a level', monthly, { levels: [0, 1] }, /levels: expected an array of numbers above 0/],
    ['a frequency', monthly, { frequency: 'monthly' }, /frequency: expected 'year'/],
    ['a frequency that is another', monthly, { frequency: 'quarter' }, /is between/],
    ['holidays of numbers', monthly, { holidays: ['Christmas'] }, /2024-12-25, received "Christmas"/],
  ])('%s', async (_, rows, more, message) => {
    await expect(forecast(rows, { ...options, ...more })).rejects.toThrow(message)
  })
  test('an aborted signal', async () => {
    await expect(forecast(monthly, { ...options, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
  })
})

test('without time the naive models are what there is, and it says so', async () => {
  const model = await forecast(monthly, { time: 'month', target: 'passengers', horizon: 12, budget: 1e-9 })
  expect(model.report.candidates.map(({ name }) => name)).toEqual(['naive', 'seasonal naive'])
  expect(model.report.notes.join()).toMatch(/budget of 1e-9 s was over before these were done: theta, ETS/)
})

test('series that no window fits into are forecast by models that are trusted', async () => {
  const yearly = Array.from({ length: 9 }, (_, t) => ({ year: `${2000 + t}`, y: 10 + 3 * t + (t % 2) }))
  const model = await forecast(yearly, { time: 'year', target: 'y', horizon: 4 })
  expect(model.report.notes.join()).toContain('No series is long enough to weight models by')
  expect((await model.predict()).series[0]?.values[3]).toBeGreaterThan(38)
})

test('networks of all series are trained, weighted, told covariates and kept', {
  timeout: 200_000,
}, async () => {
  const days = 70
  const rows = ['a', 'b', 'c'].flatMap((shop, i) =>
    Array.from({ length: days + 7 }, (_, t) => {
      const price = 2 + ((t * 5 + i) % 3)
      const sold = 30 - 6 * price + 5 * Math.sin((2 * Math.PI * t) / 7) + i
      return { day: new Date(Date.UTC(2024, 0, 1 + t)), shop, price, sold: t < days ? sold : null }
    }),
  )
  const options = {
    time: 'day',
    target: 'sold',
    series: 'shop',
    covariates: ['price'],
    statics: [],
    horizon: 7,
  } as const
  const model = await forecast(rows, {
    ...options,
    holidays: ['2024-03-08'],
    models: isWhole ? ['TiDE', 'DeepAR'] : ['TiDE'],
    trainingSteps: 120,
    budget: 600,
  })
  const { candidates, scores } = model.report
  expect(candidates.map(({ name }) => name)).toEqual([
    'naive',
    'seasonal naive',
    'TiDE',
    ...(isWhole ? ['DeepAR'] : []),
  ])
  // What follows from the price, the naive ones cannot know.
  expect(candidates[2]?.weight).toBeGreaterThan(0.4)
  expect(scores[0]?.value).toBeLessThan(0.6 * (candidates[1]?.scores[0]?.value as number))
  const before = await model.predict()
  const again = ForecastModel.fromBytes(model.toBytes())
  expect(await again.predict()).toEqual(before)
  const [series] = before.series
  const actual = Array.from(
    { length: 7 },
    (_, k) => 30 - 6 * (2 + (((days + k) * 5) % 3)) + 5 * Math.sin((2 * Math.PI * (days + k)) / 7),
  )
  const error = actual.reduce((sum, value, k) => sum + Math.abs(value - (series?.values[k] as number)), 0) / 7
  expect(error).toBeLessThan(3)
  // Without the future's prices there is no telling.
  const known = rows.filter(({ shop }) => shop === 'a').slice(0, days)
  await expect(model.predict(known.map((row) => ({ ...row, shop: 'new' })))).rejects.toThrow(
    /'price' for the 7 periods.*received none of them/,
  )
})
