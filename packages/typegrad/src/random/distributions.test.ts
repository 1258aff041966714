import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultEngine, ops, random, setEngine, setRandomSeed, type Tensor, tensor } from '../index.ts'
import { createWebEngine, type Engine } from '../testing/engines.ts'

const count = 100_000
const draw = async (make: () => Tensor): Promise<Float64Array> => {
  setRandomSeed(42)
  return Float64Array.from((await make().data()) as Float32Array)
}
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length
function variance(x: Float64Array): number {
  const middle = mean(x)
  return mean(x.map((v) => (v - middle) ** 2))
}

/**
 * Kolmogorov and Smirnov: the largest distance of the empirical distribution from `cdf`. Below
 * 1.95 / √n in 999 of 1000 samples; the seed is fixed, so it is so always or never.
 */
function distance(sample: Float64Array, cdf: (x: number) => number): number {
  const sorted = sample.toSorted()
  return sorted.reduce((worst, x, i) => {
    const p = cdf(x)
    return Math.max(worst, p - i / sorted.length, (i + 1) / sorted.length - p)
  }, 0)
}
const significant = (n: number) => 1.95 / Math.sqrt(n)

/** Φ by Abramowitz and Stegun 7.1.26, good to 1.5e-7. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const erf = 1 - poly * Math.exp(-z * z)
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2
}

/** Pearson's χ² of counts that should be `expected` each, per degree of freedom: near 1. */
const chiSquare = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((sum, c, i) => sum + (c - (expected[i] as number)) ** 2 / (expected[i] as number), 0) /
  (counts.length - 1)

const histogram = (x: Float64Array, bins: number, bin: (v: number) => number): number[] => {
  const counts = new Array<number>(bins).fill(0)
  for (const v of x) counts[bin(v)] = (counts[bin(v)] as number) + 1
  return counts
}

describe('distributions', () => {
  it('uniform: in [0, 1), even, in steps of 2⁻²⁴', async () => {
    const x = await draw(() => random.uniform([count]))
    expect(Math.min(...x.subarray(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(x.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 24))).toBe(true)
    expect(distance(x, (v) => v)).toBeLessThan(significant(count))
    expect(mean(x)).toBeCloseTo(0.5, 2)
    expect(variance(x)).toBeCloseTo(1 / 12, 2)
    // 1000 bins: one standard deviation of χ² per degree of freedom is √(2/999) = 0.045.
    const bins = histogram(x, 1000, (v) => Math.floor(v * 1000))
    expect(
      Math.abs(
        chiSquare(
          bins,
          bins.map(() => count / 1000),
        ) - 1,
      ),
    ).toBeLessThan(0.15)
  })

  it('uniform: every bit is set half of the time', async () => {
    const x = await draw(() => random.uniform([count]))
    for (let bit = 0; bit < 24; bit++) {
      const ones = x.reduce((n, v) => n + ((Math.round(v * 2 ** 24) >>> bit) & 1), 0)
      // Three standard deviations of a fair coin.
      expect(Math.abs(ones - count / 2), `bit ${bit}`).toBeLessThan((3.5 * Math.sqrt(count)) / 2)
    }
  })

  it('uniform: rows, columns and neighbours do not go together', async () => {
    const side = 300
    const x = await draw(() => random.uniform([side, side]))
    const correlation = (lag: number) => {
      const pairs = x.length - lag
      let sum = 0
      for (let i = 0; i < pairs; i++) sum += ((x[i] as number) - 0.5) * ((x[i + lag] as number) - 0.5)
      return (sum / pairs) * 12
    }
    for (const lag of [1, 2, side - 1, side, side + 1, 2 * side]) {
      expect(Math.abs(correlation(lag)), `lag ${lag}`).toBeLessThan(3.5 / side)
    }
    const rows = Float64Array.from({ length: side }, (_, i) => mean(x.subarray(i * side, (i + 1) * side)))
    expect(variance(rows) * 12 * side).toBeGreaterThan(0.75)
    expect(variance(rows) * 12 * side).toBeLessThan(1.25)
  })

  it('uniform between bounds', async () => {
    const x = await draw(() => random.uniform([count], { min: -3, max: 5 }))
    expect(x.every((v) => v >= -3 && v < 5)).toBe(true)
    expect(distance(x, (v) => (v + 3) / 8)).toBeLessThan(significant(count))
  })

  it('normal: mean, variance, tails', async () => {
    const x = await draw(() => random.normal([count]))
    expect(distance(x, normalCdf)).toBeLessThan(significant(count))
    expect(mean(x)).toBeCloseTo(0, 1.8)
    expect(variance(x)).toBeCloseTo(1, 1.8)
    expect(x.some((v) => v > 3.5) && x.some((v) => v < -3.5)).toBe(true)
    expect(x.every(Number.isFinite)).toBe(true)
    const y = await draw(() => random.normal([count], { mean: 10, stddev: 0.5 }))
    expect(distance(y, (v) => normalCdf((v - 10) / 0.5))).toBeLessThan(significant(count))
  })

  it('truncatedNormal: nothing beyond two standard deviations', async () => {
    const x = await draw(() => random.truncatedNormal([count], { mean: 1, stddev: 2 }))
    expect(x.every((v) => v >= -3.00001 && v <= 5.00001)).toBe(true)
    const [low, high] = [normalCdf(-2), normalCdf(2)]
    expect(distance(x, (v) => (normalCdf((v - 1) / 2) - low) / (high - low))).toBeLessThan(significant(count))
  })

  it('bernoulli, integers, categorical: each value as often as it should', async () => {
    const coin = await draw(() => random.bernoulli([count], { probability: 0.3 }))
    expect(coin.every((v) => v === 0 || v === 1)).toBe(true)
    expect(mean(coin)).toBeCloseTo(0.3, 2)
    expect(mean(await draw(() => random.bernoulli([100], { probability: 0 })))).toBe(0)
    expect(mean(await draw(() => random.bernoulli([100], { probability: 1 })))).toBe(1)

    const dice = await draw(() => random.integers([count], { min: 1, max: 7 }))
    const faces = histogram(dice, 8, (v) => v)
    expect([faces[0], faces[7]]).toEqual([0, 0])
    expect(chiSquare(faces.slice(1, 7), new Array(6).fill(count / 6))).toBeLessThan(4)

    const logits = tensor([1, 0, -1, 2])
    const drawn = await draw(() => random.categorical(logits.broadcastTo([count, 4])))
    const shares = Array.from((await ops.softmax(logits).data()) as Float32Array, (p) => p * count)
    expect(
      chiSquare(
        histogram(drawn, 4, (v) => v),
        shares,
      ),
    ).toBeLessThan(5)

    // Several draws of each row: (2, classes) → (2, count), each row with its own probabilities.
    const rows = await random
      .categorical(
        tensor([
          [1, 0, -1, 2],
          [5, 0, 0, 0],
        ]),
        { samples: count },
      )
      .unstack()
    const [first, second] = await Promise.all(rows.map((row) => row.data()))
    expect(rows[0]?.shape).toEqual([count])
    expect(
      chiSquare(
        histogram(Float64Array.from(first as Int32Array), 4, (v) => v),
        shares,
      ),
    ).toBeLessThan(8)
    const sure = (second as Int32Array).reduce((n, v) => n + (v === 0 ? 1 : 0), 0) / count
    expect(sure).toBeCloseTo(1 / (1 + 3 * Math.exp(-5)), 2)
  })

  it('permutation: every number once, every order as likely', async () => {
    const x = await draw(() => random.permutation(1000))
    expect(x.toSorted()).toEqual(Float64Array.from({ length: 1000 }, (_, i) => i))
    expect(x.filter((v, i) => v === i).length).toBeLessThan(8)
  })
})

describe('dtypes, shapes and mistakes', () => {
  it('has the shape and dtype that are asked for', async () => {
    expect(await random.uniform([]).toArray()).toBeTypeOf('number')
    expect(await random.uniform([0, 3]).toArray()).toEqual([])
    expect(await random.uniform([2, 0]).toArray()).toEqual([[], []])
    for (const dtype of ['float32', 'float64', 'float16'] as const) {
      const x = random.normal([2, 3], { dtype })
      expect([x.dtype, x.shape]).toEqual([dtype, [2, 3]])
      await x.data()
    }
    expect(random.integers([3], { max: 5, dtype: 'int64' }).dtype).toBe('int64')
    expect(random.bernoulli([3], { dtype: 'bool' }).dtype).toBe('bool')
  })

  it('says what is wrong', () => {
    expect(() => random.bernoulli([1], { probability: 1.5 })).toThrow(
      'bernoulli: probability: expected a number from 0 to 1, received 1.5.',
    )
    expect(() => random.integers([1], { min: 3, max: 3 })).toThrow(
      /integers: expected max above min \(3\), received 3/,
    )
  })
})

describe('both engines', () => {
  let native: Engine
  beforeAll(async () => {
    native = await defaultEngine()
  })
  afterAll(() => setEngine(native))

  it('draw the same bits', async () => {
    const all = async () => {
      setRandomSeed(7)
      const draws = [
        random.uniform([50, 70]),
        random.integers([100], { max: 1000 }),
        random.uniform([3, 4, 5]),
        random.permutation(50),
      ]
      return Promise.all(draws.map((t) => t.data()))
    }
    const here = await all()
    setEngine(await createWebEngine())
    expect(await all()).toEqual(here)
  })
})
