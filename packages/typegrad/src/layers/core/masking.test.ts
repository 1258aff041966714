import { describe, expect, test } from 'vitest'
import {
  input,
  type Layer,
  layers,
  model,
  ones,
  ShapeError,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  zeros,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { maskOf } from '../base/masks.ts'

const numbers = async (t: Tensor): Promise<number[]> => Array.from(await t.data(), Number)
const masks = async (t: Tensor): Promise<unknown> => maskOf(t)?.toArray()

/** One sequence whose second step is padding. */
const padded = () =>
  tensor([
    [
      [1, 2],
      [0, 0],
      [0, 3],
    ],
  ])

describe('masking', () => {
  test('gives what it was given, and zeros for what does not count', () =>
    testLayer((options) => layers.masking({ maskValue: 9, ...options }), {
      inputShape: [2, 3, 2],
      expectedOutputShape: [2, 3, 2],
    }))

  test('marks steps all of whose features are the value', async () => {
    expect(await masks(layers.masking().apply(padded()))).toEqual([[1, 0, 1]])
    const other = layers.masking({ maskValue: 2 }).apply(tensor([[[2, 2]], [[2, 1]]]))
    expect(await masks(other)).toEqual([[0], [1]])
    expect(await other.toArray()).toEqual([[[0, 0]], [[2, 1]]])
  })

  test('is what an embedding says of index 0, if asked', async () => {
    const indices = tensor([[3, 0, 1]], { dtype: 'int32' })
    const of = (maskZero: boolean) => layers.embedding({ inputDim: 4, outputDim: 2, maskZero }).apply(indices)
    expect(await masks(of(true))).toEqual([[1, 0, 1]])
    expect(maskOf(of(false))).toBeUndefined()
  })

  test('goes on through layers that keep the steps, and ends where there are none', async () => {
    const through: Layer[] = [
      layers.dense({ units: 2 }),
      layers.dropout({ rate: 0.5 }),
      layers.layerNormalization(),
      layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
      layers.bidirectional({ layer: layers.gru({ units: 2, returnSequences: true }) }) as unknown as Layer,
    ]
    let x = layers.masking().apply(padded())
    for (const layer of through) {
      x = layer.apply(x)
      expect(await masks(x), layer.className).toEqual([[1, 0, 1]])
    }
    expect(maskOf(layers.lstm({ units: 2 }).apply(x))).toBeUndefined()
    expect(maskOf(layers.flatten().apply(x))).toBeUndefined()
  })

  test('reaches recurrent layers inside of models: padding changes nothing', async () => {
    setRandomSeed(1)
    const lstm = layers.lstm({ units: 3 })
    const model = sequential([layers.masking({ inputShape: [null, 2] }), layers.dense({ units: 2 }), lstm])
    const short = tensor([
      [
        [1, 2],
        [0, 3],
      ],
    ])
    expectClose(await numbers(await model.predict(padded())), await numbers(await model.predict(short)))
  })

  test('given by hand goes to the layer or the model that is called, and does not stay with the tensor', async () => {
    setRandomSeed(2)
    const x = padded()
    const mask = tensor([[true, true, false]])
    const lstm = layers.lstm({ units: 3 })
    const model = sequential([lstm])
    const expected = await numbers(lstm.apply(x.slice([0, 0, 0], [1, 2, 2])))
    for (const called of [lstm, model] as unknown as Layer[]) {
      expectClose(await numbers(called.apply(x, { training: false, mask })), expected)
      expect(maskOf(x)).toBeUndefined()
    }
  })

  test('leaves positions out of loss and metrics', async () => {
    const model = sequential([
      layers.masking({ inputShape: [3, 2] }),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ])
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] })
    // Predictions 3, (0), 3 against 1: errors 2 and 2; Keras divides the sum of squares by what counts.
    const logs = await model.evaluate(padded(), ones([1, 3, 1]))
    expect(logs.loss).toBeCloseTo(4, 5)
    expect(logs.meanAbsoluteError).toBeCloseTo(2, 5)
  })
})

test('a mask that does not fit the input is refused by every layer, whether it knows of masks or not', () => {
  const x = zeros([2, 3, 4])
  const mask = ones([2, 5])
  for (const layer of [
    layers.dense({ units: 2, name: 'it' }),
    layers.globalAveragePooling1d({ name: 'it' }),
    layers.softmax({ name: 'it' }),
    layers.lstm({ units: 2, name: 'it' }),
  ]) {
    expect(() => layer.apply(x, { training: false, mask })).toThrow(
      'it: mask: expected shape [2, 3], a boolean for each step of each sequence, received [2, 5].',
    )
  }
  const attention = layers.multiHeadAttention({ numHeads: 1, keyDim: 2, name: 'it' })
  expect(() => attention.apply([x, x] as never, { training: false, mask })).toThrow(ShapeError)
})

test('a mask that a model is given reaches the layers that its inputs reach, and ends where a layer drops it', async () => {
  const within = (first: Layer) => {
    const x = input({ shape: [4, 2] })
    return model({ inputs: x, outputs: layers.lstm({ units: 2 }).apply(first.apply(x)) })
  }
  const x = tensor([
    [
      [1, -2],
      [0.5, 3],
      [-1, 2],
      [2, 1],
    ],
  ])
  const mask = tensor([[true, true, false, false]])
  const values = (t: unknown) => (t as Tensor).data()
  // As in Keras: a convolution drops the mask, a dense layer lets it pass.
  const drops = within(layers.conv1d({ filters: 2, kernelSize: 1 }))
  expect(await values(drops.apply(x, { mask }))).toEqual(await values(drops.apply(x)))
  const passes = within(layers.dense({ units: 2 }))
  expect(await values(passes.apply(x, { mask }))).not.toEqual(await values(passes.apply(x)))
  expect(await values(passes.apply(x, { mask }))).toEqual(await values(passes.apply(x.slice([0, 0], [1, 2]))))
  // Steps that are fewer behind a layer are none that the mask speaks of, also where the model is one of a model's layers.
  const fewer = within(layers.adaptiveAveragePooling1d({ outputSize: 3 }))
  const [outer, said] = [input({ shape: [4, 2] }), input({ shape: [4], dtype: 'bool' })]
  const whole = model({ inputs: [outer, said], outputs: fewer.apply(outer, { mask: said }) })
  expect(await values(whole.apply([x, mask]))).toEqual(await values(fewer.apply(x)))
})
