import { hostNormal, hostRandom } from 'typegrad/core'
import { expect, test } from 'vitest'
import { conformalOffsets, conformed, wideningOf } from './conformal.ts'
import { originFactors, separateOrigins, sharedByOrigin } from './origins.ts'
import { scoresOf } from './score.ts'
import { studentQuantile } from './student.ts'
import { priorWeights, windowLosses, windowWeights } from './weights.ts'
import { futureOf, rollingWindows, usualWindows } from './windows.ts'

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
  // More of few and long series.
  expect([40, 30, 24].map((length) => usualWindows([seriesOf(length)], 6))).toEqual([4, 3, 3])
  expect(usualWindows([seriesOf(60)], 6)).toBe(5)
  expect(usualWindows(Array(31).fill(seriesOf(60)), 6)).toBe(3)
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
    origin: 0,
  })
  const known = Array.from({ length: 300 }, (_, i) => forecastOf(1 + (i % 3)))
  const offsets = conformalOffsets(known, levels)
  expect(offsets[1]).toBe(0)
  const fresh = Array.from({ length: 2000 }, () => forecastOf(7))
  const within = fresh.map(({ actual, quantiles, scale }) => {
    const [low, , high] = conformed(quantiles, { offsets, factors: [1, 1, 1] }, levels, scale) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    return actual.filter((value, k) => value >= (low[k] as number) && value <= (high[k] as number)).length / 4
  })
  // A binomial share of 1200 calibrating values has a deviation of 0.0115.
  expect(Math.abs(within.reduce((sum, share) => sum + share, 0) / 2000 - 0.8)).toBeLessThan(0.035)
  // Nothing to tell by, and quantiles that hold too much.
  expect(conformalOffsets([], levels)).toEqual([0, 0, 0])
  const wide = known.map((own) => ({
    ...own,
    quantiles: own.quantiles.map((of) => of.map((value) => 9 * value)),
  }))
  expect(conformalOffsets(wide, levels)).toEqual([0, 0, 0])
})

test('quantiles of Student are those of SciPy', () => {
  for (const [level, freedom, expected] of [
    [0.9, 1, 3.0776835371752544],
    [0.9, 2, 1.8856180831641272],
    [0.975, 4.5, 2.6589123472044034],
    [0.6, 1.5, 0.30074539256979543],
    [0.9, 30, 1.3104150253913955],
    [0.05, 3, -2.353363434801824],
    [0.5, 2, 0],
  ] as const)
    expect(studentQuantile(level, freedom)).toBeCloseTo(expected, 3)
})

test('the share that origins have in common, and how many of them are apart', () => {
  // Means 0.5 and 4.5 about 2.5: 16 between, 0.5 within, groups of two: (16 - 0.5) / 2 in common.
  expect(
    sharedByOrigin([
      [0, 1],
      [4, 5],
    ]),
  ).toBeCloseTo(7.75 / 8.25)
  expect(sharedByOrigin([[0, 1]])).toBe(0)
  expect(
    sharedByOrigin([
      [0, 4],
      [1, 3],
    ]),
  ).toBe(0)
  expect(separateOrigins([10, 40, 10, 16], 12)).toBe(2.5)
})

test('quantiles are widened by what few origins tell of the next, where errors have the origin in common', () => {
  const [levels, horizon, origins, series] = [[0.1, 0.5, 0.9], 3, 2, 8]
  const normal = hostNormal(hostRandom(3, 5))
  /** Windows of one origin: an error in common, and one of each step; the quantiles are half as wide as 80 % want. */
  const windowsAt = (origin: number, common: number) => {
    const shift = common * normal()
    return Array.from({ length: series }, () => ({
      actual: Float64Array.from({ length: horizon }, () => shift + Math.sqrt(1 - common * common) * normal()),
      quantiles: [-0.64, 0, 0.64].map((q) => new Float64Array(horizon).fill(q)),
      scale: 0,
      origin: origin * horizon,
    }))
  }
  /** The share of values of a next origin that quantiles hold. */
  const held = (common: number, hasFactors: boolean): number => {
    let [within, all] = [0, 0]
    for (let draw = 0; draw < 300; draw++) {
      const known = Array.from({ length: origins }, (_, i) => windowsAt(i, common)).flat()
      const { offsets, factors } = wideningOf(known, levels, horizon)
      const used = { offsets, factors: hasFactors ? factors : [1, 1, 1] }
      for (const { actual, quantiles, scale } of windowsAt(origins, common)) {
        const [low, , high] = conformed(quantiles, used, levels, scale)
        actual.forEach((value, k) => {
          all++
          if (value >= (low?.[k] as number) && value <= (high?.[k] as number)) within++
        })
      }
    }
    return within / all
  }
  // Errors that have nothing in common tell how wide quantiles are to be; those of two origins that do are too alike to.
  expect(Math.abs(held(0, false) - 0.8)).toBeLessThan(0.03)
  expect(Math.abs(held(0, true) - 0.8)).toBeLessThan(0.05)
  const [narrow, wide] = [held(0.9, false), held(0.9, true)]
  expect(narrow).toBeLessThan(0.78)
  expect(wide).toBeGreaterThan(0.8)
  expect(wide).toBeLessThan(0.95)
  const alike = originFactors(
    [0, 1, 2].flatMap((i) => windowsAt(i, 0.95)),
    levels,
    horizon,
  )
  expect(alike[1]).toBe(1)
  expect(alike[2]).toBeGreaterThan(1.3)
  expect(alike[0]).toBeCloseTo(alike[2] as number)
  expect(originFactors(windowsAt(0, 0.95), levels, horizon)).toEqual([1, 1, 1])
})

test('weights are a selection and shares by loss, and models that are far behind are left out', () => {
  const levels = [0.5]
  const actual = [Float64Array.of(1, 2), Float64Array.of(10, 20)]
  /** A model that is wrong by so much of each series' scale. */
  const off = (by: number) => actual.map((own, i) => [own.map((value) => value + by * (i === 0 ? 1 : 10))])
  const windows = { actual, scales: [1, 10], models: [off(1), off(-1), off(8)] }
  const losses = windowLosses(windows, levels)
  expect(losses[0]).toBeCloseTo(losses[1] as number)
  expect(losses[2]).toBeCloseTo(8 * (losses[0] as number))
  const weights = windowWeights(windows, levels)
  expect(weights[0]).toBeCloseTo(0.5)
  expect(weights[1]).toBeCloseTo(0.5)
  expect(weights[2]).toBe(0)
  // The selection takes one of two that are alike, which the shares make up for in part.
  const twins = windowWeights({ ...windows, models: [off(1), off(1)] }, levels)
  expect(Math.max(...twins)).toBeCloseTo(0.75)
  for (const broken of [Number.POSITIVE_INFINITY, Number.NaN])
    expect(windowWeights({ ...windows, models: [off(broken), off(1)] }, levels)).toEqual([0, 1])
  expect(priorWeights(['naive', 'seasonal naive', 'theta', 'ETS'])).toEqual([0, 0, 0.5, 0.5])
  expect(priorWeights(['naive', 'seasonal naive'])).toEqual([0, 1])
})

test('quantiles do not cross', () => {
  const crossed = conformed(
    [Float64Array.of(3, 0), Float64Array.of(2, 1), Float64Array.of(1, 2)],
    { offsets: [0, 0, 0], factors: [1, 1, 1] },
    [0.1, 0.5, 0.9],
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
