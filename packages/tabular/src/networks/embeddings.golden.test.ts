import { deserializeLayer, type Layer, serialize } from 'typegrad/layers'
import { expectClose, goldenValues, testLayer } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { expectNetwork, golden, type NameOf } from '../testing/golden-networks.ts'
import { quantileBins } from './bins.ts'
import { FeatureDense } from './feature-dense.ts'
import { LinearEmbeddings } from './linear-embeddings.ts'
import { PeriodicEmbeddings } from './periodic-embeddings.ts'
import { PiecewiseLinearEmbeddings } from './piecewise-linear-embeddings.ts'
import { PiecewiseLinearEncoding } from './piecewise-linear-encoding.ts'

const bins = golden.bins
const made: Readonly<Record<string, readonly [Layer<never>, Readonly<Record<string, string>>]>> = {
  linear: [new LinearEmbeddings({ units: 4 }), { kernel: 'weight', bias: 'bias' }],
  'linear relu': [
    new LinearEmbeddings({ units: 4, activation: 'relu' }),
    { kernel: 'linear.weight', bias: 'linear.bias' },
  ],
  'piecewise encoding': [new PiecewiseLinearEncoding({ bins }), {}],
  'piecewise A': [
    new PiecewiseLinearEmbeddings({ bins, units: 4, activation: 'relu', linearPart: false }),
    { 'pieces/kernel': 'linear.weight', 'pieces/bias': 'linear.bias' },
  ],
  'piecewise A linear': [
    new PiecewiseLinearEmbeddings({ bins, units: 4, linearPart: false }),
    { 'pieces/kernel': 'linear.weight', 'pieces/bias': 'linear.bias' },
  ],
  'piecewise B': [new PiecewiseLinearEmbeddings({ bins, units: 4 }), versionB()],
  'piecewise B relu': [new PiecewiseLinearEmbeddings({ bins, units: 4, activation: 'relu' }), versionB()],
  periodic: [new PeriodicEmbeddings({ units: 4, frequencies: 5 }), periodic('linear.weight')],
  'periodic linear': [
    new PeriodicEmbeddings({ units: 4, frequencies: 5, activation: 'linear' }),
    periodic('linear.weight'),
  ],
  'periodic lite': [
    new PeriodicEmbeddings({ units: 4, frequencies: 5, lite: true }),
    periodic('linear.weight.T'),
  ],
}

function versionB(): Readonly<Record<string, string>> {
  return { 'line/kernel': 'linear0.weight', 'line/bias': 'linear0.bias', 'pieces/kernel': 'linear.weight' }
}

function periodic(kernel: string): Readonly<Record<string, string>> {
  return { frequencies: 'periodic.weight', 'mixing/kernel': kernel, 'mixing/bias': 'linear.bias' }
}

describe('values and gradients are those of rtdl_num_embeddings:', () => {
  test.each(golden.embeddings)('$name', async (given) => {
    const [layer, names] = made[given.name] as (typeof made)[string]
    const nameOf: NameOf = (path) => names[path]
    // Waves of 2π times sums of three numbers around 1: their phases lose two digits.
    await expectNetwork(layer, given, nameOf, 2e-5)
  })
})

test('bins are those of rtdl_num_embeddings', () => {
  const [rows = 0, features = 0] = golden.table.shape
  const values = goldenValues(golden.table)
  const columns = Array.from({ length: features }, (_, k) =>
    Array.from({ length: rows }, (_, row) => values[row * features + k] as number),
  )
  const found = quantileBins(columns, golden.binCount)
  expect(found.map(({ length }) => length)).toEqual(bins.map(({ length }) => length))
  found.forEach((edges, k) => {
    expectClose(edges, bins[k] ?? [], { scaled: 1e-6 })
  })
  expect(quantileBins([[3, 3], [Number.NaN]], 4)).toEqual([
    [3, 4],
    [0, 1],
  ])
})

test.runIf(isWhole)('is a layer', async () => {
  await testLayer((options) => new FeatureDense({ units: 2, ...options }), {
    inputShape: [4, 3, 5],
    expectedOutputShape: [4, 3, 2],
    expectedWeights: [
      ['kernel', [3, 5, 2]],
      ['bias', [3, 2]],
    ],
  })
})

test('are read from their configuration, under the name of the package', () => {
  for (const [layer] of Object.values(made)) {
    const saved = JSON.parse(JSON.stringify(serialize(layer)))
    expect(saved.registeredName).toBe(`tabular>${layer.className}`)
    expect(deserializeLayer(saved).getConfig()).toEqual(layer.getConfig())
  }
})

test('refuse what makes no sense', () => {
  expect(
    () =>
      new PiecewiseLinearEncoding({
        bins: [
          [0, 1],
          [1, 1],
        ],
      }),
  ).toThrow(/at least two ascending edges.*received \[1,1\] for feature 1/)
  expect(() => new PeriodicEmbeddings({ lite: true, activation: 'linear' })).toThrow(/'relu' with lite/)
})
