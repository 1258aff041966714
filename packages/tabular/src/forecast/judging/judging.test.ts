import { hostNormal, hostRandom } from 'typegrad/core'
import { expect, test } from 'vitest'
import { conformalOffsets, conformed } from './conformal.ts'
import { scoresOf } from './score.ts'
import { futureOf, rollingWindows } from './windows.ts'

const seriesOf = (length: number) => ({
  key: [length],
  start: 0,
  values: Float64Array.from({ length }, (_, t) => t),
  covariates: [],
  statics: [],
})

test('what is watched ends before what is judged begins, and models learn from what is before both', () => {
  const { judged, watched, training } = rollingWindows([seriesOf(40), seriesOf(14), seriesOf(9)], 1, 6, 3)
  expect(judged.map(({ end }) => end)).toEqual([34, 8])
  expect(watched.map(({ series, end }) => [series.key[0], end])).toEqual([
    [40, 28],
    [40, 25],
  ])
  expect(training.map(({ series, end }) => [series.key[0], end])).toEqual([[40, 25]])
  for (const past of watched)
    expect(Math.max(...futureOf(past, 6))).toBeLessThan(past.series.values.length - 6)
  expect(rollingWindows([seriesOf(40)], 12, 6, 1)).toMatchObject({ judged: [{ end: 34 }], watched: [] })
  // A season has to come again.
  expect(rollingWindows([seriesOf(18)], 12, 6, 1).judged).toEqual([])
})

test('quantiles that are too narrow are widened until as many values are within as they say', () => {
  const levels = [0.1, 0.5, 0.9]
  const normal = hostNormal(hostRandom(1, 2))
  const forecastOf = (size: number) => ({
    actual: Float64Array.from({ length: 4 }, () => size * normal()),
    // Half as wide as 80 % want.
    quantiles: [-0.64, 0, 0.64].map((q) => new Float64Array(4).fill(size * q)),
    scale: 0,
  })
  const known = Array.from({ length: 300 }, (_, i) => forecastOf(1 + (i % 3)))
  const offsets = conformalOffsets(known, levels)
  expect(offsets[1]).toBe(0)
  const fresh = Array.from({ length: 2000 }, () => forecastOf(7))
  const within = fresh.map(({ actual, quantiles, scale }) => {
    const [low, , high] = conformed(quantiles, offsets, scale) as [Float64Array, Float64Array, Float64Array]
    return actual.filter((value, k) => value >= (low[k] as number) && value <= (high[k] as number)).length / 4
  })
  // A binomial share of 1200 calibrating values has a deviation of 0.0115.
  expect(Math.abs(within.reduce((sum, share) => sum + share, 0) / 2000 - 0.8)).toBeLessThan(0.035)
  // Too few to tell.
  expect(conformalOffsets(known.slice(0, 1), levels)).toEqual([0, 0, 0])
})

test('quantiles do not cross', () => {
  const crossed = conformed(
    [Float64Array.of(3, 0), Float64Array.of(2, 1), Float64Array.of(1, 2)],
    [0, 0, 0],
    1,
  )
  expect(crossed.map((of) => Array.from(of))).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
  ])
})

test('scores are means over series, with intervals where there are five', () => {
  const judged = Array.from({ length: 6 }, (_, i) => ({
    past: Float64Array.of(0, 1, 0, 1),
    actual: Float64Array.of(10),
    quantiles: [9, 10 + i, 12].map((value) => Float64Array.of(value)),
  }))
  const options = { levels: [0.1, 0.5, 0.9], season: 1, seed: 0 }
  const [mase, smape, crps, coverage] = scoresOf(judged, options)
  expect(mase).toMatchObject({ measure: 'MASE', value: 2.5 })
  expect(mase?.low).toBeLessThan(2.5)
  expect(mase?.high).toBeGreaterThan(2.5)
  expect(smape?.value).toBeCloseTo([0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + (200 * i) / (20 + i), 0) / 6)
  expect(crps?.value).toBeCloseTo((2 * (6 * 0.1 + 0.5 * 15 + 6 * 0.2)) / 3 / 60)
  expect(coverage?.value).toBe(1)
  expect(scoresOf(judged.slice(0, 2), options)[0]).toEqual({ measure: 'MASE', value: 0.5 })
  expect(scoresOf([], options)).toEqual([])
})
