import { expect, test } from 'vitest'
import { uniform } from './sampler.ts'
import { kthLargest, walkUp } from './selection.ts'
import { topP } from './top-p.ts'

const random = uniform(7)
const values = (count: number, levels: number): Float32Array =>
  Float32Array.from({ length: count }, () => {
    const value = (random() - 0.5) * 8
    return levels === 0 ? value : Math.round(value * levels) / levels + 0
  })

test('the k-th largest is what sorting says, with and without equal ones', () => {
  for (const levels of [0, 1, 4])
    for (const count of [1, 2, 7, 300, 2000]) {
      const given = values(count, levels)
      if (count > 2) given.set([Number.NEGATIVE_INFINITY, -0, Number.POSITIVE_INFINITY].slice(0, count))
      const sorted = [...given].sort((a, b) => b - a)
      for (const k of [1, 2, 3, 17, Math.ceil(count / 2), 700, count, count + 5])
        expect(kthLargest(given, k) + 0).toBe((sorted[Math.min(k, count) - 1] as number) + 0)
    }
})

test('a walk stops where adding up in order stops', () => {
  for (const levels of [0, 2])
    for (let trial = 0; trial < 50; trial++) {
      const given = values(60, levels)
      const limit = random() * 60
      const { value, below } = walkUp(given, undefined, (sum) => sum > limit)
      const sorted = [...given].sort((a, b) => a - b)
      const expected = sorted[Math.min(Math.floor(limit), 59)] as number
      expect(value).toBe(expected)
      expect(below).toBe(sorted.filter((one) => one < expected).length)
    }
})

test('a walk whose sum never gets there stops at the largest', () => {
  const { value, below } = walkUp(Float32Array.of(3, 1, 2), undefined, () => false)
  expect([value, below]).toEqual([3, 2])
})

test('a view into a larger array is read from where it begins', () => {
  const whole = Float32Array.of(9, 1, 5, 3, 9)
  expect(kthLargest(whole.subarray(1, 4), 1)).toBe(5)
})

test('top-p of 150,000 words takes milliseconds', () => {
  const given = values(150_000, 0)
  const processor = topP(0.9)
  const times = Array.from({ length: 15 }, () => {
    const logits = given.slice()
    const start = performance.now()
    processor.process(logits, [])
    return performance.now() - start
  })
  // 6 ms of processor time. A sort of them all takes several times that; the room is for busy machines.
  expect(Math.min(...times)).toBeLessThan(200)
})
