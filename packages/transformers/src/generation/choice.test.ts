import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { argMax, logSumExp, randomStream, sample } from './choice.ts'

const none = Number.NEGATIVE_INFINITY

test('the first of the largest scores', () => {
  expect(argMax(Float32Array.of(1, 3, none, 3))).toBe(1)
})

test('log Σ exp does not overflow', () => {
  expectClose([logSumExp(Float32Array.of(1000, 1000, none))], [1000 + Math.log(2)])
  expect(logSumExp(Float32Array.of(none, none))).toBe(none)
})

test('words are drawn as often as their probabilities say, and those of −∞ never', () => {
  const scores = Float32Array.of(none, Math.log(0.2), Math.log(0.7), none, Math.log(0.1), none)
  const random = randomStream(1, 2)
  const counts = new Array<number>(6).fill(0)
  const n = 20_000
  for (let i = 0; i < n; i++) {
    const id = sample(scores, random())
    counts[id] = (counts[id] as number) + 1
  }
  // Four standard deviations: √(0.21 / 20,000) · 4 = 0.013.
  for (const [id, share] of [0, 0.2, 0.7, 0, 0.1, 0].entries())
    expect(Math.abs((counts[id] as number) / n - share)).toBeLessThanOrEqual(share === 0 ? 0 : 0.013)
  expect(sample(scores, 1 - 2 ** -53)).toBe(4)
  expect(sample(scores, 0)).toBe(1)
})

test('random numbers are a function of the keys', () => {
  const first = (...keys: number[]) => Array.from({ length: 3 }, randomStream(...keys))
  expect(first(1, 2)).toEqual(first(1, 2))
  expect(new Set([first(1, 2), first(2, 1), first(1), first(1, 2, 0)].flat()).size).toBe(12)
  const random = randomStream(7)
  const many = Array.from({ length: 10_000 }, random)
  // The mean's standard deviation is √(1/12 / 10,000) = 0.0029.
  expect(Math.abs(many.reduce((sum, x) => sum + x, 0) / many.length - 0.5)).toBeLessThan(0.012)
  expect(many.every((x) => x >= 0 && x < 1)).toBe(true)
})
