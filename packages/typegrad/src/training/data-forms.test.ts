import { describe, expect, test } from 'vitest'
import { layers, optimizers, sequential, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { batchOf, flatWeights, linearData, linearPair } from '../testing/linear-reference.ts'
import type { BatchStream, Data, StreamedBatch } from './fit-options.ts'

const data = linearData(12, 2)
const rows = data.x.map((row) => [...row])
const labels = [...data.y]
const quiet = { verbose: 0, shuffle: false, batchSize: 5, epochs: 2 } as const

async function expected(): Promise<number[]> {
  const { reference } = linearPair(2)
  for (let i = 0; i < 2; i++) reference.epoch(data, 5)
  return reference.weights
}

describe('samples', () => {
  const flat = rows.flat()
  test.each<[string, Data, Data]>([
    ['nested arrays', rows, labels],
    ['nested labels', rows, labels.map((label) => [label])],
    ['rows that are typed arrays', rows.map((row) => Float32Array.from(row)), labels],
    ['a Float32Array', Float32Array.from(flat), Float32Array.from(labels)],
    ['a Float64Array', Float64Array.from(flat), Float64Array.from(labels)],
    ['tensors', tensor(rows), tensor(labels.map((label) => [label]))],
    ['tensors that are not computed yet', tensor(rows).mul(2).div(2), tensor(labels)],
    ['lists of one tensor', [tensor(rows)], [tensor(labels)]],
    ['float64 tensors', tensor(rows, { dtype: 'float64' }), labels],
  ])('come as %s', async (_, x, y) => {
    const { model } = linearPair(2)
    await model.fit(x, y, quiet)
    expectClose(await flatWeights(model), await expected())
  })

  test.each<[string, Data]>([
    ['Uint8Array', Uint8Array.of(0, 1, 2, 3)],
    ['Uint8ClampedArray', Uint8ClampedArray.of(0, 1, 2, 3)],
    ["Node's Buffer", Buffer.from([9, 0, 1, 2, 3]).subarray(1)],
    ['Int32Array', Int32Array.of(0, 1, 2, 3)],
    ['BigInt64Array', BigInt64Array.of(0n, 1n, 2n, 3n)],
    ['Uint32Array', Uint32Array.of(0, 1, 2, 3)],
    ['int64 tensor', tensor([0, 1, 2, 3], { dtype: 'int64' })],
    ['float16 tensor', tensor([0, 1, 2, 3], { dtype: 'float16' })],
  ])('of whole numbers come as a %s', async (_, x) => {
    const { model, reference } = linearPair(1)
    const predicted = await model.predict(x)
    expect(predicted.shape).toEqual([4, 1])
    expectClose(
      (await predicted.data()) as Float32Array,
      [0, 1, 2, 3].map((value) => reference.predict([value])),
    )
    const options = { ...quiet, batchSize: 3, epochs: 1 }
    const history = await model.fit(x, x, options)
    const whole = { x: [[0], [1], [2], [3]], y: [0, 1, 2, 3] }
    expectClose(history.history.loss as number[], [reference.epoch(whole, 3)], { relative: 1e-5 })
    expectClose(await flatWeights(model), reference.weights)
  })

  test('that are booleans count as 0 and 1', async () => {
    const { model, reference } = linearPair(1)
    const predicted = await model.predict([[true], [false]])
    expectClose((await predicted.data()) as Float32Array, [reference.predict([1]), reference.predict([0])])
  })

  test('of images are cut from a typed array by the inputShape', async () => {
    const model = sequential([layers.flatten({ inputShape: [2, 3, 1] }), layers.dense({ units: 4 })])
    expect((await model.predict(new Uint8Array(5 * 6))).shape).toEqual([5, 4])
  })
})

describe('streams', () => {
  const cuts = [
    [0, 5],
    [5, 10],
    [10, 12],
  ] as const
  const batches = (): StreamedBatch[] =>
    cuts.map(([start, stop]) => [rows.slice(start, stop), labels.slice(start, stop)])
  async function* later(): AsyncGenerator<StreamedBatch> {
    for (const batch of batches()) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      yield batch
    }
  }
  const endless = function* (): Generator<StreamedBatch> {
    for (;;) yield* batches()
  }

  test.each<[string, () => BatchStream, number | undefined]>([
    ['a collection', () => new Set(batches()), undefined],
    ['an object that is iterable again and again', () => ({ [Symbol.asyncIterator]: later }), undefined],
    ['a function that makes a generator', () => later, undefined],
    ['an endless generator with a number of steps', endless, 3],
    [
      'an asynchronous one',
      () =>
        (async function* () {
          yield* endless()
        })(),
      3,
    ],
    ['a collection that ends with an epoch', () => new Set(batches()), 3],
  ])('come as %s', async (_, stream, stepsPerEpoch) => {
    const { model } = linearPair(2)
    await model.fit(stream(), { verbose: 0, epochs: 2, ...(stepsPerEpoch && { stepsPerEpoch }) })
    expectClose(await flatWeights(model), await expected())
  })

  test('of tensors carry weights', async () => {
    const { model, reference } = linearPair(2)
    const weights = labels.map((_, i) => i / 4)
    const stream = new Set<StreamedBatch>([[tensor(rows), tensor(labels), weights]])
    await model.fit(stream, { verbose: 0 })
    reference.epoch(data, 12, weights)
    expectClose(await flatWeights(model), reference.weights)
  })

  test('go on over the epochs where they can be read only once', async () => {
    const { model, reference } = linearPair(2)
    const once = (function* () {
      yield* batches()
      yield* batches()
    })()
    await model.fit(once, { verbose: 0, epochs: 3, stepsPerEpoch: 2 })
    for (let i = 0; i < 2; i++) reference.epoch(data, 5)
    expectClose(await flatWeights(model), reference.weights)
    const spent = model.fit(once, { verbose: 0 })
    await expect(spent).rejects.toMatchObject({ code: 'data' })
    await expect(spent).rejects.toThrow(
      'fit: expected at least one batch an epoch, received the end of the stream. A generator can be read only once',
    )
  })

  test('are closed by the code that opened them', async () => {
    const { model } = linearPair(2)
    let closed = 0
    const generator = function* (): Generator<StreamedBatch> {
      try {
        yield* endless()
      } finally {
        closed += 1
      }
    }
    await model.fit(generator, { verbose: 0, stepsPerEpoch: 2 })
    expect(closed).toBe(1)
    const own = generator()
    await model.fit(own, { verbose: 0, stepsPerEpoch: 2 })
    expect(closed).toBe(1)
    expect(own.next().done).toBe(false)
  })

  test('can be evaluated', async () => {
    const { model, reference } = linearPair(2)
    expect((await model.evaluate(new Set(batches()), { verbose: 0 })).loss).toBeCloseTo(
      reference.loss(data),
      5,
    )
    const limited = await model.evaluate(endless(), { verbose: 0, steps: 2 })
    expect(limited.loss).toBeCloseTo(reference.loss(batchOf(data, 0, 10)), 5)
    const few = await model.evaluate(rows, labels, { verbose: 0, batchSize: 5, steps: 1 })
    expect(few.loss).toBeCloseTo(reference.loss(batchOf(data, 0, 5)), 5)
  })
})

describe("'accuracy' finds its kind", () => {
  const classes = [2, 0, 1, 1, 3, 9, 4, 4, 8, 7, 6, 5, 0, 3, 2, 9, 1, 8, 8, 5]
  const oneHot = classes.map((label) => Array.from({ length: 10 }, (_, i) => Number(i === label)))
  // Right for all samples but the first three.
  const x = classes.map((label, i) =>
    Array.from({ length: 10 }, (_, c) => Number(c === (i < 3 ? (label + 1) % 10 : label))),
  )
  const identity = () => {
    const model = sequential([
      layers.dense({ units: 10, useBias: false, inputShape: [10] }),
      layers.activation({ activation: 'softmax' }),
    ])
    model.setWeights([
      tensor(Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (_, j) => (i === j ? 4 : 0)))),
    ])
    return model
  }

  test.each<[string, string, Data]>([
    ['Uint8Array of class numbers', 'sparseCategoricalCrossentropy', Uint8Array.from(classes)],
    ['Int32Array', 'sparseCategoricalCrossentropy', Int32Array.from(classes)],
    ['nested arrays of class numbers', 'sparseCategoricalCrossentropy', classes],
    ['class numbers in a column', 'sparse_categorical_crossentropy', classes.map((label) => [label])],
    ['int64 tensor', 'sparseCategoricalCrossentropy', tensor(classes, { dtype: 'int64' })],
    ['class numbers, the loss being crossentropy', 'crossentropy', Uint8Array.from(classes)],
    ['one-hot rows', 'categoricalCrossentropy', oneHot],
    ['one-hot rows in a Uint8Array', 'categoricalCrossentropy', Uint8Array.from(oneHot.flat())],
    ['one-hot rows, the loss being crossentropy', 'crossentropy', oneHot],
  ])('of %s', async (_, loss, y) => {
    const model = identity()
    model.compile({ optimizer: optimizers.sgd({ learningRate: 0 }), loss, metrics: ['accuracy'] })
    const history = await model.fit(x, y, { verbose: 0, validationSplit: 0.5 })
    expect(history.history.accuracy).toEqual([expect.closeTo(0.7, 6)])
    expect(history.history.val_accuracy).toEqual([1])
    const share = Math.exp(4) / (Math.exp(4) + 9)
    const wrong = 1 / (Math.exp(4) + 9)
    expectClose(history.history.loss as number[], [-(0.7 * Math.log(share) + 0.3 * Math.log(wrong))])
  })

  test.each<[string, Data]>([
    ['Uint8Array', Uint8Array.of(1, 0, 1, 1)],
    ['column', [[1], [0], [1], [1]]],
    ['booleans', [true, false, true, true]],
  ])('of two classes in a %s', async (_, y) => {
    const model = sequential([layers.dense({ units: 1, activation: 'sigmoid', inputShape: [1] })])
    model.setWeights([tensor([[1]]), tensor([0])])
    model.compile({ loss: 'binaryCrossentropy', metrics: ['accuracy'] })
    const logs = await model.evaluate([[5], [-5], [5], [-5]], y, { verbose: 0 })
    expect(logs.accuracy).toBe(0.75)
  })

  test('of a class number for every step of a sequence', async () => {
    const model = sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [2, 3] })])
    model.setWeights([
      tensor([
        [9, 0, 0],
        [0, 9, 0],
        [0, 0, 9],
      ]),
      tensor([0, 0, 0]),
    ])
    model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
    const steps = [
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
      [
        [0, 1, 0],
        [0, 1, 0],
      ],
    ]
    const logs = await model.evaluate(steps, Uint8Array.of(0, 2, 1, 0), { verbose: 0 })
    expect(logs.accuracy).toBe(0.75)
  })
})
