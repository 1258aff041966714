import { expect, test } from 'vitest'
import { goldenForecasts } from '../../testing/golden-forecasts.ts'
import { coverage, mase, smape, weightedQuantileLoss } from './measures.ts'

const { measures } = goldenForecasts
const actuals = measures.actual.map((values) => Float64Array.from(values))
const quantiles = measures.quantiles.map((levels) => levels.map((values) => Float64Array.from(values)))
const middle = (series: number): Float64Array => quantiles[series]?.[1] as Float64Array

test('MASE and sMAPE are those of utilsforecast and GluonTS', () => {
  actuals.forEach((actual, i) => {
    const past = Float64Array.from(measures.training[i] ?? [])
    expect(mase(actual, middle(i), past, measures.season)).toBeCloseTo(measures.mase[i] as number, 9)
    expect(smape(actual, middle(i)) / 200).toBeCloseTo(measures.smapeByTwoHundred[i] as number, 9)
  })
  const mean = actuals.reduce((sum, actual, i) => sum + smape(actual, middle(i)) / 100, 0) / actuals.length
  expect(mean).toBeCloseTo(measures.smape, 9)
  expect(mase(Float64Array.of(1), Float64Array.of(1), Float64Array.of(5, 5, 5), 1)).toBeNaN()
  expect(smape(Float64Array.of(0, 1), Float64Array.of(0, 3))).toBe(50)
})

test('the weighted quantile loss is that of GluonTS, and of utilsforecast series by series', () => {
  const judged = actuals.map((actual, i) => ({ actual, quantiles: quantiles[i] as Float64Array[] }))
  expect(weightedQuantileLoss(judged, measures.levels)).toBeCloseTo(measures.weightedQuantileLoss, 9)
  judged.forEach((own, i) => {
    expect(weightedQuantileLoss([own], measures.levels)).toBeCloseTo(measures.crps[i] as number, 9)
  })
})

test('coverage counts values between two quantiles', () => {
  expect(
    coverage(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 3, 0, 0), Float64Array.of(2, 4, 2, 9)),
  ).toBe(0.5)
})
