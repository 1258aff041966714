import { describe, expect, test } from 'vitest'
import { ArgumentError, tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { dense } from '../core/dense.ts'
import { elu } from './elu.ts'
import { leakyReLU } from './leaky-relu.ts'
import { pReLU } from './p-relu.ts'
import { reLU } from './relu.ts'
import { softmax } from './softmax.ts'

const shape = { inputShape: [2, 6], expectedOutputShape: [2, 6] }

describe('reLU', () => {
  test('plain', () => testLayer(reLU, shape))
  test('with a ceiling, a slope and a threshold', async () => {
    const options = { maxValue: 1, negativeSlope: 0.5, threshold: 0.25 }
    await testLayer((more) => reLU({ ...options, ...more }), shape)
    const y = await reLU(options)
      .apply(tensor([-1.75, 0.5, 3]))
      .toArray()
    expect(y).toEqual([-1, 0.5, 1])
  })
  test('refuses negative options', () => {
    expect(() => reLU({ maxValue: -1 })).toThrow(ArgumentError)
  })
})

describe('leakyReLU', () => {
  test('with a slope', () => testLayer((options) => leakyReLU({ negativeSlope: 0.1, ...options }), shape))
  test("has Keras's default slope", async () => {
    const [negative, positive] = await leakyReLU()
      .apply(tensor([-1, 2]))
      .data()
    expect([negative, positive]).toEqual([Math.fround(-0.3), 2])
  })
  test('refuses a negative slope', () => {
    expect(() => leakyReLU({ negativeSlope: -1 })).toThrow(ArgumentError)
  })
})

test('elu', () => testLayer((options) => elu({ alpha: 0.5, ...options }), shape))

describe('softmax', () => {
  test('over the last axis', () => testLayer(softmax, shape))
  test('over several axes', async () => {
    await testLayer((options) => softmax({ axis: [1, 2], ...options }), { inputShape: [2, 2, 3] })
    expect(
      await softmax({ axis: [1, 2] })
        .apply(
          tensor([
            [
              [1, 1],
              [1, 1],
            ],
          ]),
        )
        .toArray(),
    ).toEqual([
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    ])
  })
})

describe('a layer as an activation', () => {
  test('computes as the layer does, and is saved with its options', async () => {
    const layer = dense({
      units: 2,
      kernelInitializer: 'ones',
      activation: leakyReLU({ negativeSlope: 0.25, name: 'slope' }),
    })
    expect(await layer.apply(tensor([[1, -5]])).toArray()).toEqual([[-1, -1]])
    const { activation } = layer.getConfig()
    expect(activation).toMatchObject({ className: 'LeakyReLU', config: { negativeSlope: 0.25 } })
    const again = dense({ ...layer.getConfig(), units: 2, name: 'again' })
    expect(await again.apply(tensor([[1, -5]])).toArray()).toEqual([[-1, -1]])
  })

  test('has no weights of its own', () => {
    const layer = dense({ units: 2, activation: pReLU() })
    expect(() => layer.apply(tensor([[1, -5]]))).toThrow(
      'activation: expected a layer without weights, received PReLU, which has 1. Put it behind the layer as a layer of its own.',
    )
    expect(() => dense({ units: 2, activation: 3 as never })).toThrow(ArgumentError)
  })
})
