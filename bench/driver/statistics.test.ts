import { expect, test } from 'vitest'
import { growthExponent, relativeDifference, summarize } from './statistics.ts'

test('the median lies in the middle, the spread is half the distance of the quartiles', () => {
  expect(summarize([5, 1, 3])).toEqual({ median: 3, spread: 1, count: 3 })
  expect(summarize([1, 2, 3, 10])).toEqual({ median: 2.5, spread: 1.5, count: 4 })
  expect(() => summarize([])).toThrow(RangeError)
})

test('losses differ by their largest relative distance', () => {
  expect(relativeDifference([2, 4], [2, 4.004])).toBeCloseTo(1e-3)
  expect(relativeDifference([0], [1e-6])).toBeCloseTo(1e-3)
  expect(relativeDifference([1, 2], [1])).toBe(Number.POSITIVE_INFINITY)
  expect(relativeDifference([1], [Number.NaN])).toBe(Number.POSITIVE_INFINITY)
})

test('time that doubles with the work grows with exponent 1', () => {
  expect(growthExponent([10, 3], [20, 6])).toBeCloseTo(1)
  expect(growthExponent([10, 3], [20, 12])).toBeCloseTo(2)
})
