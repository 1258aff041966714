import { describe, expect, test } from 'vitest'
import { Dataset, layers, sequential, setRandomSeed, tensor } from '../index.ts'

const count = (n: number) => Dataset.fromGenerator(() => Array.from({ length: n }, (_, i) => i))

describe('Dataset', () => {
  test('stages compose, and each reading starts anew', async () => {
    const set = count(10)
      .filter((i) => i % 2 === 0)
      .map((i) => i * 10)
      .skip(1)
      .take(3)
    expect(await set.toArray()).toEqual([20, 40, 60])
    expect(await set.toArray()).toEqual([20, 40, 60])
    expect(await count(2).repeat(3).toArray()).toEqual([0, 1, 0, 1, 0, 1])
    expect(await Dataset.zip(count(3), count(9).skip(5)).toArray()).toEqual([
      [0, 5],
      [1, 6],
      [2, 7],
    ])
    expect(await Dataset.fromAsyncIterable(new Set(['a', 'b'])).toArray()).toEqual(['a', 'b'])
  })

  test('chunks are arrays of elements as they are', async () => {
    const words = Dataset.fromAsyncIterable(['a', 'b', 'c', 'd', 'e'])
    expect(await words.chunk(2).toArray()).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect(await words.chunk(2, { dropRemainder: true }).toArray()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(() => words.chunk(0)).toThrow('Dataset.chunk: size: expected a positive whole number, received 0.')
  })

  test('no more is read than was asked for', async () => {
    let made = 0
    const source = Dataset.fromGenerator(function* () {
      for (;;) yield made++
    })
    expect(
      await source
        .map((i) => i)
        .take(3)
        .toArray(),
    ).toEqual([0, 1, 2])
    expect(made).toBe(3)
    made = 0
    const iterator = source.prefetch(2)[Symbol.asyncIterator]()
    await iterator.next()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(made).toBe(3)
    await iterator.return?.()
  })

  test('an early end reaches the source', async () => {
    let closed = false
    const source = Dataset.fromGenerator(function* () {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        closed = true
      }
    })
    for await (const i of source.batch(2).prefetch(1)) {
      expect(i.shape).toEqual([2])
      break
    }
    expect(closed).toBe(true)
    closed = false
    const doubled = source.through(async function* (numbers) {
      for await (const i of numbers) yield* [i, i]
    })
    expect(await doubled.take(3).toArray()).toEqual([0, 0, 1])
    expect(closed).toBe(true)
  })

  test('shuffling keeps every element, is a function of the seed, and differs between readings', async () => {
    const make = () => count(100).shuffle(20, { seed: 7 })
    const set = make()
    const [first, second] = [await set.toArray(), await set.toArray()]
    expect(first.toSorted((a, b) => a - b)).toEqual(await count(100).toArray())
    expect(first).not.toEqual(second)
    expect(await make().toArray()).toEqual(first)
    const still = count(30).shuffle(30, { reshuffleEachIteration: false })
    expect(await still.toArray()).toEqual(await still.toArray())
    // Element i cannot come before its place minus the buffer's size.
    first.forEach((element, place) => {
      expect(place).toBeGreaterThanOrEqual(element - 20)
    })
  })

  test('a full buffer makes every place equally likely', async () => {
    const places = [0, 0, 0, 0]
    const set = count(4).shuffle(4, { seed: 3 })
    for (let i = 0; i < 2000; i++) {
      const at = (await set.toArray()).indexOf(0)
      places[at] = (places[at] as number) + 1
    }
    // Four places of probability ¼: a standard deviation of 19.4 around 500; five of them are never passed.
    for (const n of places) expect(Math.abs(n - 500)).toBeLessThan(97)
  })

  test('interleave reads several sets in turn', async () => {
    const set = Dataset.fromAsyncIterable([0, 10, 20]).interleave((start) => count(3).map((i) => start + i), {
      cycleLength: 2,
    })
    expect(await set.toArray()).toEqual([0, 10, 1, 11, 2, 12, 20, 21, 22])
  })

  test('a cache reads its source once', async () => {
    let readings = 0
    const set = Dataset.fromGenerator(function* () {
      readings += 1
      yield 1
      yield 2
    }).cache()
    expect([await set.toArray(), await set.toArray()]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(readings).toBe(1)
  })
})

describe('batches', () => {
  const rows = Dataset.fromTensors([
    tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    tensor([7, 8, 9], { dtype: 'int32' }),
  ])

  test('leaves are stacked, the last batch may be smaller', async () => {
    const [[a] = [], [b, labels] = []] = await rows.batch(2).toArray()
    expect(await a?.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await b?.toArray()).toEqual([[5, 6]])
    expect(labels?.dtype).toBe('int32')
    expect((await rows.batch(2, { dropRemainder: true }).toArray()).length).toBe(1)
  })

  test('objects and numbers too', async () => {
    const [batch] = await count(3)
      .map((i) => ({ x: Float32Array.of(i, -1), weight: i / 2 }))
      .batch(3)
      .toArray()
    expect(await batch?.x.toArray()).toEqual([
      [0, -1],
      [1, -1],
      [2, -1],
    ])
    expect(await batch?.weight.toArray()).toEqual([0, 0.5, 1])
  })

  test('padding fills up to the longest of the batch, along every axis', async () => {
    const [batch] = await Dataset.fromAsyncIterable([tensor([[1, 2, 3]]), tensor([[4], [5]])])
      .paddedBatch(2, { value: -1 })
      .toArray()
    expect(await batch?.toArray()).toEqual([
      [
        [1, 2, 3],
        [-1, -1, -1],
      ],
      [
        [4, -1, -1],
        [5, -1, -1],
      ],
    ])
  })

  test.each<[string, Dataset<unknown>, RegExp]>([
    [
      'another shape',
      Dataset.fromAsyncIterable([Float32Array.of(1), Float32Array.of(1, 2)]).batch(2),
      /float32 \[1\], as in the first.*received float32 \[2\] in sample 1.*paddedBatch/,
    ],
    [
      'another dtype',
      Dataset.fromAsyncIterable([Float32Array.of(1), Int32Array.of(1)]).batch(2),
      /received int32 \[1\] in sample 1/,
    ],
    [
      'a missing part',
      Dataset.fromAsyncIterable([[1, 2], [3]]).batch(2),
      /a value for '1' in every sample.*none in sample 1/,
    ],
    ['arrays of other lengths', Dataset.fromTensors([[1, 2], [3]]), /2 samples in every array/],
  ])('%s is refused', async (_, set, message) => {
    await expect(set.toArray()).rejects.toThrow(message)
  })

  test('counts are positive', () => {
    expect(() => count(1).batch(0)).toThrow(
      'Dataset.batch: size: expected a positive whole number, received 0',
    )
    for (const make of [() => count(1).take(-1), () => count(1).skip(0.5), () => count(1).repeat(-1)]) {
      expect(make).toThrow('expected a whole number of at least 0')
    }
    expect(() => count(1).repeat().take(0)).not.toThrow()
  })
})

test('a model is fitted to a data set, epoch by epoch', async () => {
  setRandomSeed(2)
  const set = count(40)
    .map((i) => [Float32Array.of(i / 40), Float32Array.of((2 * i) / 40 + 1)] as const)
    .shuffle(40, { seed: 1 })
    .batch(8)
    .prefetch(2)
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const { history } = await model.fit(set, { epochs: 60, verbose: 0 })
  expect(history.loss.length).toBe(60)
  expect(history.loss.at(-1)).toBeLessThan(0.05)
})
