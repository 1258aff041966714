import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cloneModel, input, layers, loadModel, type Model, model } from '../index.ts'

// Keras 3.15.1 takes such models, trains and saves them; its order of the layers is the one here.
function withIdleInput(): Model {
  const a = input({ shape: [2], name: 'a' })
  const idle = input({ shape: [3], name: 'idle' })
  const hidden = layers.dense({ units: 2, name: 'hidden' }).apply(a)
  return model({ inputs: [a, idle], outputs: layers.dense({ units: 1, name: 'out' }).apply(hidden) })
}

const x = [
  [
    [1, 2],
    [3, 4],
  ],
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
]

test('an input that leads to no output is taken, as in Keras', async () => {
  const net = withIdleInput()
  expect(net.layers.map(({ name }) => name)).toEqual(['a', 'hidden', 'idle', 'out'])
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  const { history } = await net.fit(x, [[1], [2]], { epochs: 2, verbose: 0 })
  expect(history.loss).toHaveLength(2)
  const wanted = await (await net.predict(x)).toArray()
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-'))
  try {
    for (const name of ['model', 'model.keras', 'model.h5']) {
      await net.save(join(folder, name))
      const loaded = await loadModel(join(folder, name))
      expect(await (await loaded.predict(x)).toArray()).toEqual(wanted)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  const clone = cloneModel(net)
  clone.setWeights(net.getWeights())
  expect(await (await clone.predict(x)).toArray()).toEqual(wanted)
  // Others fit it all the same.
  await expect(net.predict([x[0] as number[][]])).rejects.toThrow('idle')
})
