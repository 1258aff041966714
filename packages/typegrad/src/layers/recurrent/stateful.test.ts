import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  input,
  layers,
  ShapeError,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import type { RecurrentOptions } from './rnn.ts'

const x = tensor(
  Array.from({ length: 2 * 6 * 3 }, (_, i) => Math.sin(i)),
  { shape: [2, 6, 3] },
)
const part = (from: number) => x.slice([0, from, 0], [2, 3, 3])
const numbers = async (t: Tensor) => Array.from(await t.data(), Number)

describe('stateful layers', () => {
  test.each([
    ['simpleRNN', (options: RecurrentOptions) => layers.simpleRNN({ units: 4, ...options })],
    ['gru', (options: RecurrentOptions) => layers.gru({ units: 4, ...options })],
    ['lstm', (options: RecurrentOptions) => layers.lstm({ units: 4, ...options })],
  ])('%s go on where the batch before has ended, until they are reset', async (_, make) => {
    setRandomSeed(1)
    const plain = make({})
    const layer = make({ stateful: true })
    const whole = await numbers(plain.apply(x))
    layer.ensureBuilt([2, 3, 3])
    layer.setWeights(plain.getWeights())
    const first = await numbers(layer.apply(part(0)))
    expectClose(await numbers(layer.apply(part(3))), whole)
    layer.resetStates()
    expect(await numbers(layer.apply(part(0)))).toEqual(first)
  })

  test('of cells on top of each other, and in both directions', async () => {
    setRandomSeed(2)
    const cells = () => [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2 })]
    const plain = layers.rnn({ cell: cells() })
    const layer = layers.rnn({ cell: cells(), stateful: true })
    const whole = await numbers(plain.apply(x))
    layer.ensureBuilt([2, 3, 3])
    layer.setWeights(plain.getWeights())
    await numbers(layer.apply(part(0)))
    expectClose(await numbers(layer.apply(part(3))), whole)
    expect(layer.states.map(({ shape }) => shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 2],
    ])

    const both = layers.bidirectional({ layer: layers.gru({ units: 2, stateful: true }) })
    const once = await numbers(both.apply(part(0)))
    expect(await numbers(both.apply(part(0)))).not.toEqual(once)
    both.resetStates()
    expect(await numbers(both.apply(part(0)))).toEqual(once)
  })

  test('keep their states in models, in training and prediction alike, and not among the weights', async () => {
    setRandomSeed(3)
    const model = sequential([
      input({ batchShape: [2, 3, 3] }),
      layers.lstm({ units: 4, stateful: true, returnSequences: true }),
      layers.dense({ units: 1 }),
    ])
    expect(model.weights.length).toBe(5)
    expect(model.states.length).toBe(2)
    const predict = (t: Tensor) => model.predict(t, { batchSize: 2 })
    const first = await numbers(await predict(part(0)))
    expect(await numbers(await predict(part(0)))).not.toEqual(first)
    model.resetStates()
    expect(await numbers(await predict(part(0)))).toEqual(first)

    model.compile({ optimizer: 'adam', loss: 'mse' })
    model.resetStates()
    await model.fit(part(0), tensor(new Float32Array(6), { shape: [2, 3, 1] }), {
      batchSize: 2,
      shuffle: false,
      verbose: 0,
    })
    expect(await model.states[0]?.value.abs().sum().item()).toBeGreaterThan(0)
  })

  test('want batches of one size, which they know', () => {
    expect(() => layers.lstm({ units: 2, stateful: true }).ensureBuilt([null, 3, 3])).toThrow(ArgumentError)
    expect(() => sequential([layers.lstm({ units: 2, stateful: true, inputShape: [3, 3] })])).toThrow(
      'Begin the model with input({ batchShape: [32, 10, 8] }).',
    )
    const layer = layers.lstm({ units: 2, stateful: true, name: 'reader' })
    layer.ensureBuilt([2, 3, 3])
    const other = x.slice([0, 0, 0], [1, 3, 3])
    expect(() => layer.apply(other)).toThrow(ShapeError)
    expect(() => layer.apply(other)).toThrow(
      'reader: stateful: expected batches of 2 sequences, which the states belong to, received 1. Use batchSize: 2',
    )
  })
})

test('unroll changes nothing but the configuration', async () => {
  const run = async (unroll: boolean) => {
    setRandomSeed(4)
    const layer = layers.gru({ units: 3, unroll, returnSequences: true })
    const y = await numbers(layer.apply(x))
    expect(layer.getConfig().unroll).toBe(unroll)
    return y
  }
  expect(await run(true)).toEqual(await run(false))
})
