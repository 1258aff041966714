import { expect, test } from 'vitest'
import {
  cloneLayer,
  cloneModel,
  input,
  layers,
  Model,
  model,
  sequential,
  type Tensor,
  tensor,
  UnknownNameError,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const x = tensor([
  [1, 2],
  [3, 4],
])
const rows = async (prediction: Tensor) => prediction.toArray()

test('a sequential model, with weights of its own', async () => {
  const original = sequential([
    layers.dense({ units: 3, inputShape: [2], name: 'a', trainable: false }),
    layers.dense({ units: 1 }),
  ])
  const clone = cloneModel(original)
  expect(clone.getConfig()).toEqual(original.getConfig())
  expect(clone.trainableWeights).toHaveLength(2)
  expect(await flatWeights(clone)).not.toEqual(await flatWeights(original))
  clone.setWeights(original.getWeights())
  expect(await rows(await clone.predict(x))).toEqual(await rows(await original.predict(x)))
  expect(clone.isCompiled).toBe(false)
})

test('a functional one with a shared layer and a model within', async () => {
  const a = input({ shape: [2] })
  const shared = layers.dense({ units: 2, name: 'shared' })
  const inner = sequential([layers.dense({ units: 2, inputShape: [2], name: 'deep' })], { name: 'inner' })
  const both = model({
    inputs: a,
    outputs: [layers.add().apply([shared.apply(a), inner.apply(shared.apply(a))])],
  })
  const clone = cloneModel(both)
  expect(clone.weights.map(({ name, shape }) => [name, shape])).toEqual(
    both.weights.map(({ name, shape }) => [name, shape]),
  )
  clone.setWeights(both.getWeights())
  const [[p], [q]] = await Promise.all([both.predict(x), clone.predict(x)])
  expect(await q?.toArray()).toEqual(await p?.toArray())
})

test('cloneFunction puts another layer into the place of one, or shares it', async () => {
  const a = input({ shape: [2] })
  const kept = layers.dense({ units: 2, name: 'kept' })
  const original = model({
    inputs: a,
    outputs: layers.dropout({ rate: 0.9, name: 'drop' }).apply(kept.apply(a)),
  })
  const clone = cloneModel(original, {
    cloneFunction: (layer) => {
      if (layer.name === 'drop') return layers.dropout({ rate: 0.1, name: 'drop' })
      return layer.name === 'kept' ? layer : cloneLayer(layer)
    },
  })
  expect(clone.getLayer('kept')).toBe(kept)
  expect((clone.getLayer('drop') as ReturnType<typeof layers.dropout>).rate).toBe(0.1)
  expect(clone.getLayer(0)).not.toBe(original.getLayer(0))
})

test('a class that is not registered is named', () => {
  class Unknown extends Model {
    readonly className = 'UnknownModel'
  }
  expect(() => cloneModel(new Unknown())).toThrow(UnknownNameError)
})
