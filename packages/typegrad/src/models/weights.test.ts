import { describe, expect, test, vi } from 'vitest'
import { layers, sequential, type Tensor, tensor } from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const values = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
/** A dense layer of one number, y = w·x + b. */
const line = (name: string, w: number, b: number) => {
  const layer = layers.dense({ units: 1, name })
  layer.ensureBuilt([null, 1])
  layer.setWeights([tensor([[w]]), tensor([b])])
  return layer
}

describe('freezing', () => {
  const make = () => sequential([line('frozen', 2, 1), line('free', 3, 1)])
  const one = [[[1]], [[0]]] as const

  test('before compile keeps weights as they are', async () => {
    const model = make()
    model.ensureBuilt([null, 1])
    model.getLayer('frozen').trainable = false
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    expect([model.trainableWeights.length, model.nonTrainableWeights.length]).toEqual([2, 2])
    await model.fit([[1]], [[0]], { verbose: 0, epochs: 2 })
    expect(await flatWeights(model.getLayer('frozen'))).toEqual([2, 1])
    expect((await flatWeights(model.getLayer('free')))[0]).toBeLessThan(3)
  })

  test('after it takes effect with the next compile', async () => {
    const model = make()
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await model.fit(one[0] as unknown as number[][], one[1] as unknown as number[][], { verbose: 0 })
    model.getLayer('frozen').trainable = false
    const before = await flatWeights(model.getLayer('frozen'))
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await model.fit([[1], [2]], [[0], [0]], { verbose: 0 }) // another batch size: traced anew
    await model.fit([[1], [2]], [[0], [0]], { verbose: 0 })
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/fit: trainable of 'frozen' has changed since compile.*goes on as before/),
    ])
    warn.mockRestore()
    const after = await flatWeights(model.getLayer('frozen'))
    expect(after).not.toEqual(before)
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await model.fit([[1]], [[0]], { verbose: 0 })
    expect(await flatWeights(model.getLayer('frozen'))).toEqual(after)
  })

  test('between compile and the first step takes effect with a warning', async () => {
    const model = make()
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    model.getLayer('frozen').trainable = false
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await model.fit([[1]], [[0]], { verbose: 0 })
    await model.evaluate([[1]], [[0]], { verbose: 0 })
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/fit: trainable of 'frozen' has changed since compile.*what it is now/),
    ])
    warn.mockRestore()
    expect(await flatWeights(model.getLayer('frozen'))).toEqual([2, 1])
    expect((await flatWeights(model.getLayer('free')))[0]).toBeLessThan(3)
  })

  test('of a whole model within another', async () => {
    const inner = sequential([line('a', 2, 1)], { name: 'base' })
    inner.trainable = false
    const model = sequential([inner, line('head', 1, 0)])
    model.ensureBuilt([null, 1])
    expect(model.trainableWeights.map(({ name }) => name)).toEqual(['head/kernel', 'head/bias'])
  })
})

describe('weights', () => {
  test('are read and set', async () => {
    const model = sequential([layers.dense({ units: 2, inputShape: [3] }), layers.batchNormalization()])
    expect(model.countParams()).toBe(3 * 2 + 2 + 4 * 2)
    const copy = sequential([layers.dense({ units: 2, inputShape: [3] }), layers.batchNormalization()])
    expect(await flatWeights(copy)).not.toEqual(await flatWeights(model))
    copy.setWeights(model.getWeights())
    expect(await flatWeights(copy)).toEqual(await flatWeights(model))
    expect(model.getLayer(model.layers[1]?.name as string)).toBe(model.layers[1])
  })

  test('that were read stay as they were while the model is trained', async () => {
    const model = sequential([line('l', 2, 1)])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await model.trainOnBatch([[1]], [[0]])
    const kept = model.getWeights()
    const before = await Promise.all(kept.map(values))
    for (let i = 0; i < 5; i++) await model.trainOnBatch([[1]], [[0]])
    expect(await Promise.all(kept.map(values))).toEqual(before)
  })
})
