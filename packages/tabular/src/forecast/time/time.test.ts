import { describe, expect, test } from 'vitest'
import { findGrid } from './find-grid.ts'
import { type Frequency, nameOfFrequency, periodOf, timeOf, usualSeason } from './frequency.ts'
import { parseTime } from './read-times.ts'

const times = (...texts: string[]): Float64Array => Float64Array.from(texts, parseTime)

describe('the frequency is found, and times behind the last are those of calendars:', () => {
  test.each<[string[], string, string, number]>([
    [['2001', '2002', '2005'], 'year', '2006', 1],
    [['2001 Q1', '2001 Q2', '2001 Q4'], 'quarter', '2002 Q1', 4],
    [['1999 Jan', '1999 Feb', '1999 Apr'], 'month', '1999 May', 12],
    [['2024-01-31', '2024-02-29', '2024-03-31'], 'month', '2024-04-30', 12],
    [['2024-01-15', '2024-03-15', '2024-07-15'], '2 months', '2024-09-15', 6],
    [['2024-01-01', '2024-01-08', '2024-01-22'], 'week', '2024-01-29', 52],
    [['2024-01-04', '2024-01-05', '2024-01-08', '2024-01-12'], 'weekday', '2024-01-15', 5],
    [['2024-02-27', '2024-02-28', '2024-03-01'], 'day', '2024-03-02', 7],
    [['2024-02-28T22:00', '2024-02-28T23:00', '2024-02-29T02:00'], 'hour', '2024-02-29T03:00', 24],
    [['2024-01-01 00:00', '2024-01-01 00:15', '2024-01-01 00:45'], '15 minutes', '2024-01-01 01:00', 96],
  ])('%s', (texts, name, next, season) => {
    const own = times(...texts)
    const grid = findGrid([own], true)
    expect(nameOfFrequency(grid.frequency)).toBe(name)
    expect(usualSeason(grid.frequency)).toBe(season)
    const periods = Array.from(own, (time) => periodOf(grid, time))
    expect(periods.every(Number.isInteger)).toBe(true)
    expect(new Date(timeOf(grid, (periods.at(-1) as number) + 1)).toISOString()).toBe(
      new Date(parseTime(next)).toISOString(),
    )
    periods.forEach((period, i) => {
      expect(timeOf(grid, period)).toBe(own[i])
    })
  })
})

test('numbers have steps, which need not be whole', () => {
  expect(findGrid([Float64Array.of(0.1, 0.2, 0.4)], false).frequency.every).toBeCloseTo(0.1)
  expect(findGrid([Float64Array.of(4, 10, 20)], false).frequency.every).toBe(2)
  expect(() => findGrid([Float64Array.of(0, 0.3, 1)], false)).toThrow(/whole number of steps apart/)
  expect(() => findGrid([Float64Array.of(1)], false)).toThrow(/at least two moments/)
})

test('periods and times are each other’s inverse over years of calendars', () => {
  const origin = parseTime('2019-12-31')
  for (const unit of ['year', 'quarter', 'month', 'week', 'weekday', 'day', 'hour'] as const)
    for (const every of [1, 2, 3]) {
      const frequency: Frequency = { unit, every }
      const grid = { frequency, origin, endsOfMonths: true }
      for (let period = -20; period < 200; period += 7)
        expect(periodOf(grid, timeOf(grid, period))).toBe(period)
    }
  expect(
    periodOf(
      { frequency: { unit: 'weekday', every: 1 }, origin: parseTime('2024-01-05'), endsOfMonths: false },
      parseTime('2024-01-06'),
    ),
  ).toBe(0.5)
  expect(
    periodOf(
      { frequency: { unit: 'month', every: 1 }, origin: parseTime('2024-01-05'), endsOfMonths: false },
      parseTime('2024-02-06'),
    ),
  ).toBe(1.5)
  expect(Number.isNaN(parseTime('31.12.2024'))).toBe(true)
})
