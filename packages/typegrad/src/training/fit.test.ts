import { describe, expect, test } from 'vitest'
import { Callback } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { batchOf, flatWeights, linearData, linearPair } from '../testing/linear-reference.ts'
import type { StreamedBatch } from './fit-options.ts'

const data = linearData(10, 3)
const { x, y } = { x: data.x.map((row) => [...row]), y: [...data.y] }
const quiet = { verbose: 0, shuffle: false } as const

describe('batches and epochs', () => {
  test.each([1, 3, 4, 10])('of %d samples end where gradient descent by hand does', async (batchSize) => {
    const { model, reference } = linearPair(3)
    const history = await model.fit(x, y, { ...quiet, batchSize, epochs: 3 })
    const losses = [1, 2, 3].map(() => reference.epoch(data, batchSize))
    expectClose(history.history.loss as number[], losses, { relative: 1e-5 })
    expectClose(await flatWeights(model), reference.weights)
    expect(history.epoch).toEqual([0, 1, 2])
    expect(history.stoppedBy).toBe('end')
  })

  test('without a size are of 32 samples, or all where there are fewer', async () => {
    const more = linearData(70, 3)
    const { model, reference } = linearPair(3)
    await model.fit(more.x as number[][], more.y as number[], quiet)
    reference.epoch(more, 32)
    expectClose(await flatWeights(model), reference.weights)
    const few = linearPair(3)
    await few.model.fit(x, y, quiet)
    few.reference.epoch(data, 10)
    expectClose(await flatWeights(few.model), few.reference.weights)
  })

  test('initialEpoch counts on', async () => {
    const { model, reference } = linearPair(3)
    const history = await model.fit(x, y, { ...quiet, initialEpoch: 2, epochs: 4 })
    expect(history.epoch).toEqual([2, 3])
    for (let i = 0; i < 2; i++) reference.epoch(data, 10)
    expectClose(await flatWeights(model), reference.weights)
  })

  test('stepsPerEpoch ends an epoch early, and never asks for more than there is', async () => {
    const { model, reference } = linearPair(3)
    const steps: (number | undefined)[] = []
    class Asked extends Callback {
      override onTrainBegin() {
        steps.push(this.params.steps)
      }
    }
    const options = { ...quiet, batchSize: 4, callbacks: [new Asked()] }
    await model.fit(x, y, { ...options, stepsPerEpoch: 2 })
    reference.epoch(batchOf(data, 0, 8), 4)
    expectClose(await flatWeights(model), reference.weights)
    await model.fit(x, y, { ...options, stepsPerEpoch: 9 })
    reference.epoch(data, 4)
    expectClose(await flatWeights(model), reference.weights)
    expect(steps).toEqual([2, 3])
  })
})

describe('weights of samples', () => {
  const own = y.map((_, i) => (i % 3) / 2)

  test('scale losses and gradients', async () => {
    const { model, reference } = linearPair(3)
    const history = await model.fit(x, y, { ...quiet, batchSize: 4, sampleWeight: own })
    const loss = reference.epoch(data, 4, own)
    expectClose(history.history.loss as number[], [loss], { relative: 1e-5 })
    expectClose(await flatWeights(model), reference.weights)
  })

  test('come from classes too, times their own', async () => {
    const labels = y.map((_, i) => i % 2)
    const classes = { x: data.x, y: labels }
    for (const sampleWeight of [undefined, own]) {
      const { model, reference } = linearPair(3)
      const weights = labels.map((label, i) => (label === 1 ? 5 : 1) * (sampleWeight?.[i] ?? 1))
      await model.fit(x, labels, {
        ...quiet,
        batchSize: 4,
        classWeight: { 1: 5 },
        ...(sampleWeight && { sampleWeight }),
      })
      reference.epoch(classes, 4, weights)
      expectClose(await flatWeights(model), reference.weights)
    }
  })

  test('count for weightedMetrics, and for metrics they do not', async () => {
    const { model, reference } = linearPair(3)
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mse'], weightedMetrics: ['mae'] })
    const logs = await model.evaluate(x, y, { verbose: 0, sampleWeight: own })
    const errors = data.x.map((row, i) => Math.abs(reference.predict(row) - (y[i] as number)))
    const weighted = errors.reduce((sum, e, i) => sum + e * (own[i] as number), 0)
    expect(logs.loss).toBeCloseTo(reference.loss(data, own), 5)
    expect(logs.mse).toBeCloseTo(reference.loss(data), 5)
    expect(logs.mae).toBeCloseTo(weighted / own.reduce((a, b) => a + b, 0), 5)
  })
})

describe('validation', () => {
  const [seen, held] = [batchOf(data, 0, 7), batchOf(data, 7, 10)]

  test('of a share takes the last samples, which are not trained on', async () => {
    const { model, reference } = linearPair(3)
    const weights = [...y.map((_, i) => 1 + i)]
    const history = await model.fit(x, y, {
      ...quiet,
      batchSize: 4,
      epochs: 2,
      validationSplit: 0.3,
      sampleWeight: weights,
    })
    const expected = [0, 1].map(() => {
      reference.epoch(seen, 4, weights.slice(0, 7))
      return reference.loss(held, weights.slice(7))
    })
    expectClose(history.history.val_loss as number[], expected, { relative: 1e-5 })
    expectClose(await flatWeights(model), reference.weights)
  })

  test('does not weigh classes', async () => {
    const { model, reference } = linearPair(3)
    const labels = y.map((_, i) => i % 2)
    const history = await model.fit(x, labels, {
      ...quiet,
      batchSize: 7,
      validationSplit: 0.3,
      classWeight: { 0: 3, 1: 2 },
    })
    reference.epoch(
      batchOf({ x: data.x, y: labels }, 0, 7),
      7,
      labels.slice(0, 7).map((label) => 3 - label),
    )
    expectClose(history.history.val_loss as number[], [
      reference.loss(batchOf({ x: data.x, y: labels }, 7, 10)),
    ])
  })

  test.each<[string, () => [number[][], number[], number[]?] | (() => Generator<StreamedBatch>)]>([
    ['arrays', () => [x.slice(7), y.slice(7)]],
    ['arrays with weights', () => [x.slice(7), y.slice(7), [1, 1, 1]]],
    [
      'a stream',
      () =>
        function* (): Generator<StreamedBatch> {
          yield [x.slice(7, 9), y.slice(7, 9)]
          yield [x.slice(9), y.slice(9)]
        },
    ],
  ])('on %s takes precedence over a share', async (_, validationData) => {
    const { model, reference } = linearPair(3)
    const history = await model.fit(x.slice(0, 7), y.slice(0, 7), {
      ...quiet,
      epochs: 2,
      validationSplit: 0.5,
      validationData: validationData(),
    })
    const expected = [0, 1].map(() => {
      reference.epoch(seen, 7)
      return reference.loss(held)
    })
    expectClose(history.history.val_loss as number[], expected, { relative: 1e-5 })
  })

  test('may end early, and has a batch size of its own', async () => {
    const { model, reference } = linearPair(3)
    const history = await model.fit(x, y, {
      ...quiet,
      validationData: [x, y],
      validationBatchSize: 2,
      validationSteps: 3,
    })
    reference.epoch(data, 10)
    expectClose(history.history.val_loss as number[], [reference.loss(batchOf(data, 0, 6))])
  })
})
