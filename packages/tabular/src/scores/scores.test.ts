import { hostRandom } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { golden, judged } from '../testing/golden-models.ts'
import { blended, blendWeights } from './blend.ts'
import { scoreOf } from './interval.ts'
import { areaUnderRoc, labelSets, lossOf, metricsOf, type Predictions, type TrainedTask } from './metrics.ts'
import { bestTemperature, tempered } from './temperature.ts'

const found = { targets: ['y'], rows: Uint32Array.of(0), missing: 0, reason: '' }
const values = (name: keyof typeof golden.targets): Float64Array => Float64Array.from(golden.targets[name])
const tasks: Readonly<Record<string, TrainedTask>> = {
  binary: { ...found, kind: 'binary', classes: [0, 1], values: values('logistic') },
  classes: { ...found, kind: 'classes', classes: [0, 1, 2], values: values('softmax') },
  regression: { ...found, kind: 'regression', values: values('squaredError') },
  counts: { ...found, kind: 'counts', values: values('poisson') },
  quantiles: { ...found, kind: 'quantiles', levels: [0.1, 0.9], values: values('squaredError') },
}

describe("metrics are scikit-learn's:", () => {
  test.each(Object.entries(golden.metrics))('%s', (kind, { predictions: given, ...expected }) => {
    const task = tasks[kind] as TrainedTask
    const predictions = given.map((of) => Float64Array.from(of))
    const metrics = metricsOf(task)
    expect(metrics.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort())
    for (const { name, of } of metrics)
      expectClose([of(task.values, predictions)], [expected[name] as number], { scaled: 1e-12 })
  })
})

const truth = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i))
const off = (by: (row: number) => number): Float64Array[] => [truth.map((value, i) => value + by(i))]
const regression = tasks.regression as TrainedTask

test('a blend of models that err apart is better than each, and useless ones have no weight', () => {
  const models = [
    off((i) => Math.sin(7.1 * i)),
    off((i) => Math.cos(7.1 * i)),
    off((i) => 5 + Math.sin(i * i)),
  ]
  const weights = blendWeights(lossOf(regression), truth, models)
  // Of two errors of equal size without a correlation, half of each is least.
  expectClose(weights, [0.5, 0.5, 0], { scaled: 0.03 })
  const { of } = lossOf(regression)
  expect(of(truth, blended(models, weights))).toBeCloseTo(0.5, 1)
})

test('the temperature is that by which log-odds were multiplied', () => {
  const p = Float64Array.from({ length: 4000 }, (_, i) => (i + 0.5) / 4000)
  // Of each hundred neighbours as many are 1 as their probability says.
  const labels = p.map((share, i) => (((i * 37) % 100) + 0.5 < 100 * share ? 1 : 0))
  const sure = tempered([p], 0.5)
  const binary = tasks.binary as TrainedTask
  expect(bestTemperature(lossOf(binary), labels, sure)).toBeCloseTo(2, 1)
  const back = tempered(sure, 2)
  expectClose(back[0] ?? [], p, { scaled: 1e-12 })
})

test('probabilities of several classes stay shares of 1', () => {
  const three = [Float64Array.of(0.7, 0.1), Float64Array.of(0.2, 0.1), Float64Array.of(0.1, 0.8)]
  const made = tempered(three, 3)
  for (const row of [0, 1]) expect(made.reduce((sum, of) => sum + (of[row] as number), 0)).toBeCloseTo(1, 12)
  const [a, b] = [made[0]?.[0] as number, made[1]?.[0] as number]
  expect(a / b).toBeCloseTo((0.7 / 0.2) ** (1 / 3), 12)
})

test('the interval of a mean is that of its standard error', () => {
  const errors = Float64Array.from({ length: 900 }, (_, i) => Math.sqrt(2) * Math.sin(i))
  const mean = {
    name: 'mean',
    isGain: false,
    of: (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length,
  }
  const { value, low, high } = scoreOf(mean, errors, [errors], 1)
  // A deviation of 1 over 900 rows: ±1.96 / 30, within a tenth of it by 200 draws.
  expect(value - low).toBeGreaterThan(0.05)
  expect(value - low).toBeLessThan(0.08)
  expect(high - value).toBeGreaterThan(0.05)
  expect(high - value).toBeLessThan(0.08)
})

test('an interval is that of rows drawn with replacement, in whatever order they come', () => {
  const rows = 60
  const values = Float64Array.from({ length: rows }, (_, i) =>
    Number(Math.sin(i * 1.3) + Math.sin(i * 2.9) > 0),
  )
  // Equal ones, too.
  const scores = Float64Array.from({ length: rows }, (_, i) => Math.round(4 * Math.sin(i * 1.3)) / 4)
  const auc = {
    name: 'AUC',
    isGain: true,
    of: (y: Float64Array, [p]: Predictions) => areaUnderRoc(y, p as Float64Array),
  }
  const random = hostRandom(7, 0xb007)
  const drawn = Array.from({ length: 200 }, () => {
    const places = Array.from({ length: rows }, () => random(rows))
    const [y, p] = [values, scores].map((of) => Float64Array.from(places, (row) => of[row] as number))
    return areaUnderRoc(y as Float64Array, p as Float64Array)
  }).sort((a, b) => a - b)
  const { value, low, high } = scoreOf(auc, values, [scores], 7)
  expectClose([value, low, high], [areaUnderRoc(values, scores), drawn[5] as number, drawn[194] as number], {
    scaled: 1e-12,
  })
})

test("scores of labels are scikit-learn's", () => {
  const { truth, chances, ...expected } = judged.labels
  const task = {
    ...found,
    kind: 'labels' as const,
    labels: ['a', 'b', 'c'],
    targets: ['a', 'b', 'c'],
    rows: Uint32Array.from(truth, (_, row) => row),
    values: [0, 1, 2].map((label) => Float64Array.from(truth, (row) => row[label] as number)),
  }
  const sets = labelSets(task)
  const predictions = [0, 1, 2].map((label) => Float64Array.from(chances, (row) => row[label] as number))
  for (const { name, of } of metricsOf(sets))
    expectClose([of(sets.values, predictions)], [expected[name as keyof typeof expected]], { scaled: 1e-12 })
})
