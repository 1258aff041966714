import { describe, expect, test } from 'vitest'
import { exponential } from './exponential.ts'
import { draw, greedy, seededSampler, seedOfKeys, uniform } from './sampler.ts'

const out = Number.NEGATIVE_INFINITY

describe('greedy', () => {
  test('takes the highest score, of equal ones the first', () => {
    expect(greedy(Float32Array.of(1, 5, 5, out))).toBe(1)
    expect(greedy(Float32Array.of(out, -3, out))).toBe(1)
  })

  test.each([
    ['−∞ for all tokens', [out, out]],
    ['NaN for token 1', [0, Number.NaN, 3]],
    ['Infinity for token 0', [Number.POSITIVE_INFINITY, 0]],
    ['no scores', []],
  ])('refuses %s', (message, scores) => {
    expect(() => greedy(Float32Array.from(scores))).toThrow(message)
    expect(() => seededSampler(1).sample(Float32Array.from(scores))).toThrow(message)
  })
})

test('exponential is e^x to the last bits', () => {
  for (let x = 0; x > -740; x -= 0.37) {
    const expected = Math.exp(x)
    // Below 2⁻¹⁰²² numbers have fewer bits: one step of the least of them.
    expect(Math.abs(exponential(x) - expected)).toBeLessThanOrEqual(4e-16 * expected + 5e-324)
  }
  expect([exponential(0), exponential(out), exponential(-1e6)]).toEqual([1, 0, 0])
})

describe('the generator', () => {
  test('is xoshiro128**: the steps that its authors publish, from its state', () => {
    // Written independently, with whole numbers of any size, after https://prng.di.unimi.it/xoshiro128starstar.c
    const mask = 0xffffffffn
    const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask
    const state = [1, 2, 3, 4].map((i) => {
      let x = BigInt(123 + i * 0x9e3779b9) & mask
      x = ((x ^ (x >> 16n)) * 0x7feb352dn) & mask
      x = ((x ^ (x >> 15n)) * 0x846ca68bn) & mask
      return x ^ (x >> 16n)
    }) as [bigint, bigint, bigint, bigint]
    const bits = (): bigint => {
      const result = (rotl((state[1] * 5n) & mask, 7n) * 9n) & mask
      const t = (state[1] << 9n) & mask
      state[2] ^= state[0]
      state[3] ^= state[1]
      state[1] ^= state[2]
      state[0] ^= state[3]
      state[2] ^= t
      state[3] = rotl(state[3], 11n)
      return result
    }
    const next = uniform(123)
    for (let i = 0; i < 100; i++)
      expect(next()).toBe(Number((bits() >> 5n) * 2n ** 26n + (bits() >> 6n)) / 2 ** 53)
  })
})

describe('a sampler with a seed', () => {
  test('draws the same again, and another seed draws otherwise', () => {
    const logits = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i))
    const draw = (seed: number) => {
      const sampler = seededSampler(seed)
      return Array.from({ length: 40 }, () => sampler.sample(logits))
    }
    expect(draw(5)).toEqual(draw(5))
    expect(draw(5)).not.toEqual(draw(6))
  })

  test('draws as often as softmax says, and never what is ruled out', () => {
    const logits = Float32Array.of(0, out, Math.log(2), Math.log(5), out)
    const sampler = seededSampler(1)
    const counts = [0, 0, 0, 0, 0]
    const draws = 20_000
    for (let i = 0; i < draws; i++) {
      const id = sampler.sample(logits)
      counts[id] = (counts[id] as number) + 1
    }
    expect([counts[1], counts[4]]).toEqual([0, 0])
    // Five standard deviations of a binomial number.
    for (const [id, p] of [
      [0, 1 / 8],
      [2, 2 / 8],
      [3, 5 / 8],
    ] as const)
      expect(Math.abs((counts[id] as number) - draws * p)).toBeLessThan(5 * Math.sqrt(draws * p * (1 - p)))
  })

  test('refuses a seed that is no whole number', () => {
    expect(() => seededSampler(0.5)).toThrow('seededSampler: seed')
  })
})

test('words are drawn as often as their probabilities say, and those of −∞ never', () => {
  const scores = Float32Array.of(out, Math.log(0.2), Math.log(0.7), out, Math.log(0.1), out)
  const random = uniform(seedOfKeys([1, 2]))
  const counts = new Array<number>(6).fill(0)
  const n = 20_000
  for (let i = 0; i < n; i++) {
    const id = draw(scores, random())
    counts[id] = (counts[id] as number) + 1
  }
  // Four standard deviations: √(0.21 / 20,000) · 4 = 0.013.
  for (const [id, share] of [0, 0.2, 0.7, 0, 0.1, 0].entries())
    expect(Math.abs((counts[id] as number) / n - share)).toBeLessThanOrEqual(share === 0 ? 0 : 0.013)
  expect(draw(scores, 1 - 2 ** -53)).toBe(4)
  expect(draw(scores, 0)).toBe(1)
})

test('random numbers are a function of the keys', () => {
  const first = (...keys: number[]) => Array.from({ length: 3 }, uniform(seedOfKeys(keys)))
  expect(first(1, 2)).toEqual(first(1, 2))
  expect(new Set([first(1, 2), first(2, 1), first(1), first(1, 2, 0)].flat()).size).toBe(12)
  const random = uniform(7)
  const many = Array.from({ length: 10_000 }, random)
  // The mean's standard deviation is √(1/12 / 10,000) = 0.0029.
  expect(Math.abs(many.reduce((sum, x) => sum + x, 0) / many.length - 0.5)).toBeLessThan(0.012)
  expect(many.every((x) => x >= 0 && x < 1)).toBe(true)
})
