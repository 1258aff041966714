import { afterEach, describe, expect, test, vi } from 'vitest'
import { Callback, layers, optimizers, sequential, setRandomSeed, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { batchOf, flatWeights, linearData, linearPair } from '../testing/linear-reference.ts'
import { arraySource } from './array-source.ts'
import { readSamples } from './read-samples.ts'

const data = linearData(10, 3)
const { x, y } = { x: data.x.map((row) => [...row]), y: [...data.y] }
const quiet = { verbose: 0, shuffle: false } as const

describe('shuffling', () => {
  test('visits every sample once an epoch, in an order that its keys decide', async () => {
    const { model } = linearPair(1)
    const rows = Array.from({ length: 100 }, (_, i) => [i])
    const source = arraySource(await readSamples('test', model, [rows, rows]), { batchSize: 8 })
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
