import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { goldenForecasts, goldenSeries } from '../../testing/golden-forecasts.ts'
import { baselineForecast, normalQuantile } from './baseline.ts'
import { autoEts, type EtsModel, etsForecast, fitEts, nameOfForm } from './ets.ts'
import { copyOf, type EtsForm, expected } from './ets-state.ts'
import { autoTheta, thetaForecast } from './theta.ts'

const formOf = ([error, trend, season, damped]: string): EtsForm => ({
  error: error as EtsForm['error'],
  trend: trend as EtsForm['trend'],
  season: season as EtsForm['season'],
  damped: damped === 'd',
})

/**
 * What statsforecast makes of a damped trend: φ + φ + φ² + … of it, where the models' authors (and the recursion that errors come from)
 * have φ + φ² + ….
 */
function forecastOfStatsforecast(
  { form, weights: { phi }, state, length }: EtsModel,
  horizon: number,
): Float64Array {
  let sum = phi
  return Float64Array.from({ length: horizon }, (_, k) => {
    const ahead = { ...copyOf(state), slope: (state.slope * sum) / phi }
    sum += phi ** (k + 1)
    return expected(ahead, form, phi, length + k)
  })
}

describe('exponential smoothing has the likelihood, weights and forecasts of statsforecast, or is likelier:', () => {
  test.each(goldenForecasts.forms)(
    '$series $form',
    ({ series, form, likelihood, aicc, variance, weights, forecast }) => {
      const { values, period } = goldenSeries(series)
      const model = fitEts(values, formOf(form), period) as EtsModel
      expect(model.likelihood - likelihood).toBeLessThan(1e-6)
      // Its search shrinks the best corner too, after which ours ends elsewhere, and lower: in five of 56.
      if (model.likelihood - likelihood < -1e-6) return
      expect(model.aicc).toBeCloseTo(aicc, 6)
      expectClose([model.variance / variance], [1], { scaled: 1e-9 })
      const own = [model.weights.alpha, model.weights.beta, model.weights.gamma, model.weights.phi]
      weights.forEach((weight, i) => {
        if (weight !== null && !(i === 3 && !form.endsWith('d'))) expect(own[i]).toBeCloseTo(weight, 7)
      })
      expectClose(forecastOfStatsforecast(model, forecast.length), forecast, { scaled: 1e-8 })
      if (!form.endsWith('d')) expectClose(etsForecast(model, forecast.length), forecast, { scaled: 1e-8 })
    },
  )
})

describe('of all forms, the one is taken that AutoETS takes:', () => {
  test.each(goldenForecasts.chosen)('$series', (golden) => {
    const { values, period } = goldenSeries(golden.series)
    const model = autoEts(values, period)
    expect(nameOfForm(model.form)).toBe(golden.name)
    expect(model.aicc).toBeCloseTo(golden.aicc, 6)
    expectClose(forecastOfStatsforecast(model, 12), golden.forecast, { scaled: 1e-8 })
    // There, a season's part in the variance is the last step's at every step, and that of a season that is multiplied stands still: what is
    // exact is the last step of errors that are added. Those that are multiplied are drawn here.
    const context = { season: period, horizon: 12, levels: [0.1, 0.5, 0.9], seed: 0 }
    const [low, middle, high] = baselineForecast('ETS', values, context) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    expect(middle).toEqual(etsForecast(model, 12))
    const shares = high.map(
      (top, k) =>
        (top - (low[k] as number)) / ((golden['hi-80'][k] as number) - (golden['lo-80'][k] as number)),
    )
    if (model.form.error === 'A') expect(shares[11]).toBeCloseTo(1, 6)
    const mean = shares.reduce((sum, share) => sum + share, 0) / 12
    expect(mean).toBeGreaterThan(0.9)
    expect(mean).toBeLessThan(1.1)
  })
})

describe('theta models are those of statsforecast:', () => {
  test.each(goldenForecasts.thetas)(
    '$series $kind',
    ({ series, kind, found, cost, isSeasonal, weights, forecast }) => {
      const { values, period } = goldenSeries(series)
      const model = autoTheta(values, period, kind === null ? undefined : [kind])
      expect(model.kind).toBe(found)
      expect(model.season !== undefined).toBe(isSeasonal)
      expect(model.cost / cost).toBeCloseTo(1, 9)
      expectClose([model.weights.level, model.weights.alpha, model.weights.theta], weights, { scaled: 1e-6 })
      expectClose(thetaForecast(model, 12), forecast, { scaled: 1e-8 })
    },
  )
})

test('quantiles of naive forecasts widen with the root of steps and of seasons', () => {
  const values = Float64Array.from({ length: 40 }, (_, t) => (t % 4) * 10 + Math.sin(t * 7))
  const context = { season: 4, horizon: 9, levels: [0.1, 0.5, 0.9], seed: 0 }
  const [low, middle, high] = baselineForecast('seasonal naive', values, context) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  expect(Array.from(middle.subarray(0, 5))).toEqual([...values.subarray(36), values[36]])
  const spread = (k: number): number => (high[k] as number) - (low[k] as number)
  expect(spread(4) / spread(0)).toBeCloseTo(Math.SQRT2, 12)
  expect(spread(8) / spread(3)).toBeCloseTo(Math.sqrt(3), 12)
  const last = baselineForecast('naive', values, context)
  expect(last[1]?.[8]).toBe(values[39])
  expect(
    ((last[2]?.[8] as number) - (values[39] as number)) / ((last[2]?.[0] as number) - (values[39] as number)),
  ).toBeCloseTo(3, 12)
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 8)
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 8)
})

test('what is constant or short is forecast all the same', () => {
  const context = { season: 12, horizon: 3, levels: [0.1, 0.5, 0.9], seed: 0 }
  for (const name of ['naive', 'seasonal naive', 'ETS', 'theta'] as const)
    for (const values of [[5], [5, 5, 5], Array.from({ length: 30 }, () => 5)])
      expect(baselineForecast(name, Float64Array.from(values), context).map((of) => Array.from(of))).toEqual(
        Array.from({ length: 3 }, () => [5, 5, 5]),
      )
})
