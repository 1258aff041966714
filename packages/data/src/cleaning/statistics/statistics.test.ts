import { expect, test } from 'vitest'
import { minimize } from './minimize.ts'
import { MomentLearner } from './moments.ts'
import { erfc, normalCdf, normalQuantile } from './normal-distribution.ts'
import { KeptNumbers } from './quantiles.ts'
import { RankSketch } from './rank-sketch.ts'

test('the normal distribution, by values of SciPy 1.17 (special.erfc, stats.norm)', () => {
  for (const [x, value] of [
    [0.1, 0.8875370839817152],
    [1, 0.15729920705028516],
    [2.4, 0.0006885138966450789],
    [2.6, 0.000236034416529349],
    [5, 1.5374597944280347e-12],
    [-1.5, 1.9661051464753108],
  ] as const)
    expect(Math.abs(erfc(x) / value - 1)).toBeLessThan(2e-13)
  for (const [share, x] of [
    [1e-7, -5.1993375821928165],
    [0.001, -3.090232306167813],
    [0.25, -0.6744897501960817],
    [0.975, 1.959963984540054],
  ] as const)
    expect(Math.abs(normalQuantile(share) - x)).toBeLessThan(1e-12)
  expect(normalCdf(0)).toBe(0.5)
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(2)]).toEqual([-Infinity, Infinity, NaN])
})

test('a sketch keeps few numbers, and its ranks are off by little', () => {
  const orders = {
    sorted: (i: number) => i,
    mixed: (i: number) => (i * 7919) % 200_003,
    falling: (i: number) => 200_003 - i,
  }
  for (const [name, of] of Object.entries(orders)) {
    const sketch = new RankSketch()
    for (let start = 0; start < 200_003; start += 1000)
      sketch.add(Float64Array.from({ length: Math.min(1000, 200_003 - start) }, (_, i) => of(start + i)))
    expect(sketch.count).toBe(200_003)
    expect(sketch.size).toBeLessThan(7000)
    for (const share of [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1])
      expect(Math.abs((sketch.at([share])[0] as number) / 200_002 - share), `${name} ${share}`).toBeLessThan(
        0.002,
      )
  }
})

test('a sketch of few numbers has all of them', () => {
  const [sketch, kept] = [new RankSketch(), new KeptNumbers()]
  const values = Float64Array.of(5, 1, Number.NaN, 3, 3, 9)
  sketch.add(values)
  kept.add(values)
  for (const share of [0, 0.1, 0.5, 0.77, 1])
    expect(sketch.at([share])[0]).toBeCloseTo(kept.at([share])[0] as number, 12)
})

test('moments of batches are those of all', () => {
  const parts = new MomentLearner()
  for (const batch of [[1e9, 1e9 + 1], [], [Number.NaN], [1e9 + 2]]) parts.add(Float64Array.from(batch))
  expect([parts.count, parts.mean - 1e9, parts.least - 1e9]).toEqual([3, 1, 0])
  expect(parts.variance).toBeCloseTo(2 / 3, 12)
})

test('minima, also of functions that are not smooth there', () => {
  expect(minimize((x) => (x - 1.25) ** 2, -2, 2)).toBeCloseTo(1.25, 7)
  expect(minimize((x) => Math.abs(x - 30), -2, 2)).toBeCloseTo(30, 6)
  expect(minimize((x) => Math.cosh(x + 7), -2, 2)).toBeCloseTo(-7, 6)
})
