import { afterEach, describe, expect, test, vi } from 'vitest'
import { Callback, layers, optimizers, sequential, setRandomSeed, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { batchOf, flatWeights, linearData, linearPair } from '../testing/linear-reference.ts'
import type { StreamedBatch } from './fit-options.ts'
import { toSamples } from './samples.ts'
import { arraySource } from './source.ts'

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

describe('shuffling', () => {
  test('visits every sample once an epoch, in an order that its keys decide', async () => {
    const { model } = linearPair(1)
    const rows = Array.from({ length: 100 }, (_, i) => [i])
    const samples = await toSamples('test', model, rows, rows)
    const source = arraySource('test', samples, 8)
    const visit = async (...keys: number[]) => {
      const seen: number[] = []
      for await (const batch of source.epoch(keys)) {
        const [values, labels] = [await batch.x[0]?.data(), await batch.y[0]?.data()]
        expect(values).toEqual(labels)
        seen.push(...(values as Float32Array))
      }
      return seen
    }
    const [a, again, b, c] = [await visit(1, 0), await visit(1, 0), await visit(1, 13), await visit(2, 0)]
    for (const order of [a, b, c]) {
      expect(order.toSorted((p, q) => p - q)).toEqual(rows.flat())
      expect(order).not.toEqual(rows.flat())
    }
    expect(again).toEqual(a)
    expect(b).not.toEqual(a)
    expect(c).not.toEqual(a)
  })

  test('gives each epoch and each call of fit another order', async () => {
    setRandomSeed(1)
    const { model } = linearPair(1)
    const order: number[] = []
    const labels = tensor(Array.from({ length: 6 }, (_, i) => i))
    // With a batch of one, each loss tells which sample it was: the label squared, at a rate of 0.
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss: 'mse' })
    model.setWeights([tensor([[0]]), tensor([0])])
    class Watch extends Callback {
      #sum = 0
      override async onTrainBatchEnd(batch: number, logs: () => Promise<Readonly<Record<string, number>>>) {
        const sum = ((await logs()).loss as number) * (batch + 1)
        order.push(Math.round(Math.sqrt(Math.max(0, sum - (batch === 0 ? 0 : this.#sum)))))
        this.#sum = sum
      }
    }
    const options = { batchSize: 1, verbose: 0, callbacks: [new Watch()] } as const
    await model.fit(labels.reshape([6, 1]), labels, { ...options, epochs: 2 })
    await model.fit(labels.reshape([6, 1]), labels, options)
    const epochs = [order.slice(0, 6), order.slice(6, 12), order.slice(12)]
    for (const epoch of epochs) expect(epoch.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBe(3)
  })
})

describe('ends', () => {
  test('by its signal after the batch that runs', async () => {
    const { model, reference } = linearPair(3)
    const stop = new AbortController()
    class StopAt extends Callback {
      override onTrainBatchEnd(batch: number) {
        if (batch === 1 && this.epoch === 1) stop.abort()
      }
      epoch = 0
      override onEpochBegin(epoch: number) {
        this.epoch = epoch
      }
    }
    const history = await model.fit(x, y, {
      ...quiet,
      batchSize: 4,
      epochs: 5,
      signal: stop.signal,
      callbacks: [new StopAt()],
    })
    expect(history.epoch).toEqual([0])
    expect(history.stoppedBy).toBe('signal')
    reference.epoch(data, 4)
    reference.epoch(batchOf(data, 0, 8), 4)
    expectClose(await flatWeights(model), reference.weights)
    const none = await model.fit(x, y, { ...quiet, signal: AbortSignal.abort() })
    expect(none.epoch).toEqual([])
  })

  test('by a callback', async () => {
    const { model } = linearPair(3)
    class Stop extends Callback {
      override onEpochEnd(epoch: number) {
        this.model.stopTraining = epoch === 1
      }
    }
    const history = await model.fit(x, y, { ...quiet, epochs: 5, callbacks: [new Stop()] })
    expect(history.epoch).toEqual([0, 1])
    expect(history.stoppedBy).toBe('callback')
  })

  test('by an error, of which callbacks are told', async () => {
    const { model } = linearPair(3)
    const endings: string[] = []
    class Fail extends Callback {
      override onEpochEnd() {
        throw new Error('no more')
      }
      override onTrainEnd(_: unknown, ending: string) {
        endings.push(ending)
      }
    }
    await expect(model.fit(x, y, { ...quiet, callbacks: [new Fail()] })).rejects.toThrow('no more')
    expect(endings).toEqual(['error'])
    await model.fit(x, y, quiet) // and the model can be trained on
  })
})

describe('callbacks', () => {
  test('are called in order, and waited for', async () => {
    const { model } = linearPair(3)
    const calls: string[] = []
    class Log extends Callback {
      async #note(text: string) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        calls.push(text)
      }
      override onTrainBegin = () => this.#note(`train ${this.params.epochs} ${this.params.metrics}`)
      override onEpochBegin = (epoch: number) => this.#note(`epoch ${epoch}`)
      override onTrainBatchBegin = (batch: number) => this.#note(`batch ${batch}`)
      override onTrainBatchEnd = (batch: number) => this.#note(`batch ${batch} end`)
      override onTestBegin = () => this.#note('test')
      override onTestBatchEnd = (batch: number) => this.#note(`test ${batch} end`)
      override onTestEnd = () => this.#note('test end')
      override onEpochEnd = (epoch: number, logs: object) =>
        this.#note(`epoch ${epoch} end ${Object.keys(logs)}`)
      override onTrainEnd = () => this.#note('train end')
    }
    await model.fit(x, y, { ...quiet, batchSize: 5, validationData: [x, y], callbacks: [new Log()] })
    expect(calls).toEqual([
      'train 1 loss,val_loss',
      'epoch 0',
      'batch 0',
      'batch 0 end',
      'batch 1',
      'batch 1 end',
      'test',
      'test 0 end',
      'test 1 end',
      'test end',
      'epoch 0 end loss,val_loss',
      'train end',
    ])
  })
})

describe('verbose', () => {
  afterEach(() => vi.restoreAllMocks())

  test('is a line for each epoch where there is no terminal, and nothing with 0', async () => {
    const { model } = linearPair(3)
    let text = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    await model.fit(x, y, { epochs: 2 })
    const lines = text.split('\n')
    text = ''
    await model.fit(x, y, { epochs: 2, verbose: 0 })
    const silent = text
    vi.restoreAllMocks()
    expect(lines.length).toBe(3)
    expect(lines[0]).toMatch(/^Epoch 1\/2 \d+s .*\/step loss: \d+\.\d{4}$/)
    expect(silent).toBe('')
  })
})

test('the history is what fit returns', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [3] })])
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  const { history, epoch } = await model.fit(x, y, { epochs: 3, verbose: 0, validationSplit: 0.2 })
  expect(Object.keys(history)).toEqual(['loss', 'mae', 'val_loss', 'val_mae'])
  expect(Object.values(history).map((values) => values.length)).toEqual([3, 3, 3, 3])
  expect(epoch).toEqual([0, 1, 2])
})
