import { afterEach, describe, expect, test, vi } from 'vitest'
import { callbacks, Dataset, layers, optimizers, sequential, setRandomSeed } from '../index.ts'

/** Samples of y = x₀ − x₁, in batches of 4; the numbers of those that are broken, and how. */
function batches(total: number, broken: readonly number[], label: number) {
  return Dataset.fromGenerator(function* () {
    for (let i = 0; i < total * 4; i++) {
      const x = Float32Array.of(Math.sin(i), Math.cos(2 * i))
      const y = (x[0] as number) - (x[1] as number) + 1
      yield [x, broken.includes(Math.floor(i / 4)) ? label : y] as const
    }
  }).batch(4)
}

async function train(total: number, broken: readonly number[], label: number, limit = 3) {
  setRandomSeed(1)
  const model = sequential([layers.dense({ units: 1, inputShape: [2] })])
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse' })
  const guard = callbacks.rollbackOnSpike({ every: 5, factor: 2, limit })
  const data = batches(total, broken, label)
  const { history } = await model.fit(data, {
    epochs: 2,
    stepsPerEpoch: total / 2,
    verbose: 0,
    allowNaN: true,
    callbacks: [guard],
  })
  return { guard, history, weights: await Promise.all(model.getWeights().map((weight) => weight.data())) }
}

describe('rollbackOnSpike', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  afterEach(() => warn.mockClear())

  test.each([
    ['NaN', Number.NaN],
    ['a leap', 1e4],
  ])('%s is undone: the model is the one that never saw those batches', async (_, label) => {
    // It looks behind 5, 10, … 35 batches.
    const { guard, history, weights } = await train(80, [33], label)
    expect(guard.rollbacks).toMatchObject([{ epoch: 0, batch: 34, undone: 5 }])
    expect(warn.mock.calls.flat().join()).toContain(
      'before epoch 1, batch 35; the model is again what it was 5 batches before',
    )
    expect(history.loss?.every((loss) => loss < 10)).toBe(true)
    const left = [30, 31, 32, 33, 34]
    setRandomSeed(1)
    const twin = sequential([layers.dense({ units: 1, inputShape: [2] })])
    twin.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse' })
    const kept = batches(80, [], 0).filter((__, i) => !left.includes(i))
    await twin.fit(kept, { epochs: 1, verbose: 0 })
    expect(await Promise.all(twin.getWeights().map((weight) => weight.data()))).toEqual(weights)
  })

  test('too many end the training', async () => {
    await expect(train(80, [20, 40, 60], Number.NaN, 1)).rejects.toThrow(
      'rollbackOnSpike: expected at most 1 spikes of the loss, received another one, NaN, in epoch 2',
    )
  })
})
