import { expect, test } from 'vitest'
import { earned, gainInterval, performance } from './backtest.ts'

test('what is held grows, what is traded costs, and prices move the weights', () => {
  // Half in one that doubles: 1.5 of money, of which two thirds are in it; back to half, a sixth is sold.
  const periods = [
    { weights: [0.5, 0], growth: [2, 1] },
    { weights: [0.5, 0], growth: [1, 1] },
  ]
  const free = earned(periods, 0)
  expect(free.growth).toEqual([1.5, 1])
  expect(free.traded).toBeCloseTo(0.5 + 1 / 6, 12)
  const dear = earned(periods, 0.01)
  expect(dear.growth[0]).toBeCloseTo(1.5 * (1 - 0.005), 12)
  expect(dear.growth[1]).toBeCloseTo(1 - 0.01 / 6, 12)
  // Alike and growing alike: nothing to do.
  const alike = { weights: [0.5, 0.5], growth: [1.1, 1.1] }
  expect(earned([alike, alike], 0.01).traded).toBeCloseTo(1, 12)
  expect(earned([], 0.01)).toEqual({ growth: [], traded: 0 })
})

test('growth a year, its deviation, and the deepest fall', () => {
  const { yearly, volatility, drawdown } = performance([2, 0.5, 0.5, 4], 2)
  expect(yearly).toBeCloseTo(Math.SQRT2 - 1, 12) // 2 after two years
  expect(volatility).toBeCloseTo(Math.sqrt((0.25 ** 2 + 2 * 1.25 ** 2 + 2.25 ** 2) / 4) * Math.SQRT2, 12)
  expect(drawdown).toBeCloseTo(0.75, 12)
})

test('the interval holds what is true, and shrinks with the noise', () => {
  const alike = Array.from({ length: 200 }, () => 1)
  const more = (noise: number) => alike.map((_, i) => Math.exp(0.001 + noise * Math.sin(i * i)))
  const [low, high] = gainInterval(more(0.02), alike, 50)
  const gain = Math.exp(50 * 0.001) - 1
  expect(low).toBeLessThan(gain)
  expect(high).toBeGreaterThan(gain)
  const [lower, higher] = gainInterval(more(0.002), alike, 50)
  expect(higher - lower).toBeLessThan((high - low) / 5)
  expect(gainInterval(alike, alike, 50)).toEqual([0, 0])
})
