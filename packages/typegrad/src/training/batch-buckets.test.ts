import { expect, test } from 'vitest'
import {
  createEngine,
  input,
  Layer,
  layers,
  type Model,
  model,
  ops,
  sequential,
  setEngine,
  type Tensor,
  tensor,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { createWebEngine } from '../testing/engines.ts'
import { bucketOf } from './batch-buckets.ts'

const ownSizes = 8

test('sizes grow by a quarter at most, from 32 on', () => {
  const sizes = Array.from({ length: 2000 }, (_, i) => i + 1)
  for (const size of sizes) {
    expect(bucketOf(size)).toBeGreaterThanOrEqual(size)
    expect(bucketOf(bucketOf(size))).toBe(bucketOf(size))
    if (size > 32) expect(bucketOf(size) / size).toBeLessThan(1.25)
  }
  expect(new Set(sizes.slice(0, 64).map(bucketOf)).size).toBe(8)
})

class Own extends Layer {
  readonly className = 'Own'
  readonly #of: (x: Tensor) => Tensor
  constructor(of: (x: Tensor) => Tensor) {
    super({})
    this.#of = of
  }
  call(x: Tensor): Tensor {
    return this.#of(x)
  }
}

function twoInputs(): Model {
  const [a, b] = [input({ shape: [6, 5] }), input({ shape: [6, 5] })]
  const attended = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 }).apply([a, b])
  return model({
    inputs: [a, b],
    outputs: layers.globalAveragePooling1d().apply(layers.add().apply([a, attended])),
  })
}

const shape = [6, 5]
const models: Readonly<Record<string, readonly [make: () => Model, grows: boolean]>> = {
  dense: [() => sequential([layers.flatten(), layers.dense({ units: 7, activation: 'softmax' })]), true],
  'every step its own': [() => sequential([layers.dense({ units: 3 }), layers.layerNormalization()]), true],
  convolution: [
    () =>
      sequential([
        layers.conv1d({ filters: 4, kernelSize: 3, padding: 'same' }),
        layers.batchNormalization(),
        layers.maxPooling1d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ]),
    true,
  ],
  recurrent: [
    () =>
      sequential([layers.bidirectional({ layer: layers.lstm({ units: 4 }) }), layers.dense({ units: 2 })]),
    true,
  ],
  gru: [() => sequential([layers.masking(), layers.gru({ units: 4, returnSequences: true })]), true],
  attention: [twoInputs, true],
  'dropout, which predicts nothing': [
    () => sequential([layers.dropout({ rate: 0.5 }), layers.flatten()]),
    true,
  ],
  'a mean over samples': [() => sequential([new Own((x) => x.sub(x.mean(0)))]), false],
  'softmax over samples': [() => sequential([new Own((x) => ops.softmax(x, 0))]), false],
  'samples turned around': [
    () =>
      sequential([new Own((x) => x.transpose([1, 0, 2]).sum(0, { keepDims: true }).transpose([1, 0, 2]))]),
    true,
  ],
  'the number of samples': [() => sequential([new Own((x) => x.div(x.shape[0] as number))]), false],
  'the place of a sample': [
    () =>
      sequential([
        new Own((x) =>
          x.add(tensor(Array.from({ length: x.shape[0] as number }, (_, i) => i)).reshape([-1, 1, 1])),
        ),
      ]),
    false,
  ],
  'samples beside each other': [
    () => sequential([new Own((x) => x.reshape([1, x.size]).cumsum(1).reshape(x.shape))]),
    false,
  ],
}

/** The one output's elements. */
const valuesOf = async (predicted: unknown): Promise<Float32Array> =>
  (await (Array.isArray(predicted) ? predicted[0] : predicted).data()) as Float32Array

test.each(Object.entries(models))('%s', async (_, [make, grows]) => {
  const engine = await createEngine()
  let loads = 0
  setEngine(
    new Proxy(engine, {
      get(target, key: keyof typeof engine) {
        if (key === 'load') loads++
        const member = target[key]
        return typeof member === 'function' ? member.bind(target) : member
      },
    }),
  )
  const built = make()
  const data = (size: number): Tensor =>
    tensor(
      Float32Array.from({ length: size * 30 }, (_, i) => Math.sin(i * 1.7)),
      { shape: [size, ...shape] },
    )
  const inputs = (size: number) => (built.modelInputs.length === 2 ? [data(size), data(size)] : data(size))
  const sizes = Array.from({ length: 33 }, (_, i) => i + 1)
  const alone = async (size: number): Promise<Float32Array> => {
    return valuesOf(await built.predictOnBatch(inputs(size)))
  }
  await alone(33)
  const before = loads
  const found: Float32Array[] = []
  for (const size of sizes) found.push(await alone(size))
  // Of their own, then 8, 16, 24, 32, 40; one with constant weights may come to them.
  if (grows) expect(loads - before).toBeLessThanOrEqual(ownSizes + 6)
  else expect(loads - before).toBeGreaterThan(24)
  // The same by a model that has seen no other size.
  for (const size of [5, 11, 16, 29, 33]) {
    const other = make()
    const weights = built.getWeights()
    await other.predictOnBatch(inputs(size))
    other.setWeights(weights)
    const expected = await valuesOf(await other.predictOnBatch(inputs(size)))
    expectClose(found[size - 1] as Float32Array, expected, {}, `${size}`)
  }
  setEngine(engine)
})

test('without kernels too', async () => {
  setEngine(await createWebEngine())
  const built = sequential([layers.dense({ units: 2 })])
  const first = await valuesOf(await built.predictOnBatch(tensor([[0, 1]])))
  for (let size = 1; size < 13; size++) {
    const values = await valuesOf(
      await built.predictOnBatch(tensor(Array.from({ length: size }, (_, i) => [i, 1]))),
    )
    expect(values.length).toBe(2 * size)
    expectClose(values.slice(0, 2), first)
  }
})
