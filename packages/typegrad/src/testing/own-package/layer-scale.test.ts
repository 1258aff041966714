import { layers, readKeras, regularizers, sequential, tensor, writeKeras } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { maskOf } from 'typegrad/layers'
import { expectClose, testLayer } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { LayerScale } from './layer-scale.ts'

test('by numbers', () =>
  testLayer((options) => new LayerScale({ initialValue: 0.5, ...options }), {
    inputShape: [2, 4, 3],
    expectedOutputShape: [2, 4, 3],
    expectedWeights: [['gamma', [3]]],
  }))

test('with all its options', () =>
  testLayer((options) => new LayerScale({ scaleRegularizer: regularizers.l2({ l2: 0.1 }), ...options }), {
    inputShape: [2, 3],
    expectedOutputShape: [2, 3],
    expectedWeights: [['gamma', [3]]],
  }))

test('multiplies by the value that it begins with', async () => {
  const y = new LayerScale({ initialValue: 2 }).apply(tensor([[1, -2, 3]]))
  expect(await y.toArray()).toEqual([[2, -4, 6]])
})

test('refuses options that it does not have, and channels that are not known', () => {
  expect(() => new LayerScale({ initialValu: 1 } as never)).toThrow(ArgumentError)
  expect(() => new LayerScale({ initialValue: Number.NaN })).toThrow(/initialValue.*a finite number/)
  expect(() => new LayerScale().computeOutputShape([null, null])).toThrow(/a known size along axis -1/)
})

test('hands masks on', async () => {
  const masked = layers.masking().apply(tensor([[[0], [5]]]))
  expect(await maskOf(new LayerScale().apply(masked))?.toArray()).toEqual([[0, 1]])
})

test('is saved and loaded with a model, under its package', async () => {
  const model = sequential([layers.dense({ units: 3, inputShape: [2] }), new LayerScale()])
  const bytes = await writeKeras(model)
  const again = await readKeras(bytes)
  expect(again.layers.at(-1)).toBeInstanceOf(LayerScale)
  const x = tensor([[1, 2]])
  expectClose(await again.predict(x).then((y) => y.data()), [...(await (await model.predict(x)).data())])
})
