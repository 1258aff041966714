import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SymbolicTensor } from '../index.ts'
import { cloneModel, input, layers, loadModel, model, ones, sequential, type Tensor } from '../index.ts'
import type { AnyModel } from './model.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-sharing-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const dense = () => layers.dense({ units: 4, activation: 'tanh' })

/** Models in which a layer stands in several others, with the number of its parameters. */
const makers: [string, number, () => AnyModel][] = [
  [
    'an outer and an inner model',
    20,
    () => {
      const x = input({ shape: [4] })
      const shared = dense()
      const inner = model({ inputs: x, outputs: shared.apply(x) })
      return model({ inputs: x, outputs: shared.apply(inner.apply(x)) })
    },
  ],
  [
    'two models within one',
    20,
    () => {
      const shared = dense()
      const branch = (activation: 'tanh' | 'relu') =>
        sequential([input({ shape: [4] }), shared, layers.activation({ activation })])
      const x = input({ shape: [4] })
      return model({
        inputs: x,
        outputs: layers.add().apply([branch('tanh').apply(x), branch('relu').apply(x)]),
      })
    },
  ],
  [
    'a wrapper and the model around it, three deep, with a model that is shared itself',
    60,
    () => {
      const shared = dense()
      const part = sequential([input({ shape: [4] }), dense(), shared])
      const inner = () => {
        const x = input({ shape: [4] })
        return model({ inputs: x, outputs: part.apply(shared.apply(x)) })
      }
      const x = input({ shape: [3, 4] })
      const steps = layers.timeDistributed({ layer: shared }).apply(x)
      const pooled = layers.globalAveragePooling1d().apply(steps)
      const both = [inner(), inner()].map((one): SymbolicTensor => one.apply(pooled))
      return model({ inputs: x, outputs: dense().apply(layers.add().apply(both)) })
    },
  ],
]

describe.each(makers)('a layer that is shared by %s', (_, parameters, make) => {
  const x = (net: AnyModel) =>
    ones([2, ...((net.modelInputs[0]?.shape ?? []).slice(1) as number[])]) as Tensor
  const output = async (net: AnyModel) => (await net.predict(x(net))) as Tensor

  test.each(['', '.keras', '.h5'])('is one layer after loading, and learns as one: %s', async (ending) => {
    const net = make()
    expect(net.countParams()).toBe(parameters)
    net.compile({ optimizer: 'adam', loss: 'mse' })
    const path = join(folder, `${net.name}${ending}`)
    await net.save(path)
    const loaded = await loadModel(path)
    expect(loaded.countParams()).toBe(parameters)
    for (let i = 0; i < 2; i++) {
      expect(await (await output(loaded)).data()).toEqual(await (await output(net)).data())
      for (const one of [net, loaded]) await one.trainOnBatch(x(net), ones([2, 4]))
    }
  })

  test('is one layer of a clone', async () => {
    const net = make()
    const clone = cloneModel(net)
    expect(clone.countParams()).toBe(parameters)
    clone.setWeights(net.getWeights())
    expect(await (await output(clone)).data()).toEqual(await (await output(net)).data())
  })
})
