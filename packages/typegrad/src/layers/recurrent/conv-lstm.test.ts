import { describe, expect, test } from 'vitest'
import { ArgumentError, ShapeError, setRandomSeed, type Tensor, tensor, zeros } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { testLayer } from '../../testing/test-layer.ts'
import type { AnyLayer, LayerOptions } from '../base/layer.ts'
import { convLSTM1d, convLSTM2d, convLSTM3d, convLSTMCell, rnn } from '../index.ts'

const make = (fn: (options: LayerOptions) => unknown) => fn as (options: LayerOptions) => AnyLayer
/** Convolutions run in float32. */
const gradient = { step: 1e-2, tolerance: 2e-3 }

const weights = (window: readonly number[], channels: number, filters: number) =>
  [
    ['kernel', [...window, channels, 4 * filters]],
    ['recurrentKernel', [...window, filters, 4 * filters]],
    ['bias', [4 * filters]],
  ] as const

describe('convolutional LSTMs', () => {
  test('over rows', () =>
    testLayer(
      make((o) => convLSTM1d({ filters: 2, kernelSize: 2, ...o })),
      {
        inputShape: [2, 3, 4, 2],
        expectedOutputShape: [2, 3, 2],
        expectedWeights: weights([2], 2, 2),
        gradient,
      },
    ))

  test('over images, channels first', () =>
    testLayer(
      make((o) =>
        convLSTM2d({
          filters: 2,
          kernelSize: [3, 1],
          padding: 'same',
          dataFormat: 'channelsFirst',
          returnSequences: true,
          ...o,
        }),
      ),
      {
        inputShape: [1, 2, 3, 2, 3],
        expectedOutputShape: [1, 2, 2, 2, 3],
        expectedWeights: weights([3, 1], 3, 2),
        gradient,
      },
    ))

  test('over volumes', () =>
    testLayer(
      make((o) => convLSTM3d({ filters: 1, kernelSize: 2, strides: 2, ...o })),
      {
        inputShape: [1, 2, 2, 4, 2, 1],
        expectedOutputShape: [1, 1, 2, 1, 1],
        expectedWeights: weights([2, 2, 2], 1, 1),
        gradient,
      },
    ))

  test('draw the same dropout on both engines', () =>
    testLayer(
      make((o) =>
        convLSTM2d({ filters: 2, kernelSize: 2, dropout: 0.4, recurrentDropout: 0.4, seed: 5, ...o }),
      ),
      {
        inputShape: [1, 2, 3, 3, 1],
        expectedOutputShape: [1, 2, 2, 2],
        expectedWeights: weights([2, 2], 1, 2),
        training: true,
        gradient: false,
      },
    ))
})

test('cells on top of each other', () => {
  const layer = rnn({
    cell: [
      convLSTMCell({ rank: 2, filters: 3, kernelSize: 2, name: 'lower' }),
      convLSTMCell({ rank: 2, filters: 2, kernelSize: 2, strides: 2, name: 'upper' }),
    ],
    returnState: true,
  })
  const outputs: unknown = layer.apply(zeros([2, 4, 6, 5, 1]))
  expect((outputs as readonly Tensor[]).map(({ shape }) => shape)).toEqual([
    [2, 2, 2, 2],
    [2, 5, 4, 3],
    [2, 5, 4, 3],
    [2, 2, 2, 2],
    [2, 2, 2, 2],
  ])
})

test('drop part of each image in training, by other masks for each gate', async () => {
  setRandomSeed(2)
  const layer = convLSTM2d({
    filters: 8,
    kernelSize: 1,
    dropout: 0.5,
    activation: 'linear',
    recurrentActivation: 'linear',
    useBias: false,
    kernelInitializer: 'ones',
    recurrentInitializer: 'zeros',
  })
  const x = tensor(new Float32Array(64).fill(1), { shape: [1, 1, 8, 8, 1] })
  // One step from zero states: o · i · g, each of them 2 where its mask keeps the element.
  const seen = new Set(Array.from(await layer.apply(x, { training: true }).data(), Number))
  expect([...seen].sort()).toEqual([0, 8])
  const share = Number(await layer.apply(x, { training: true }).notEqual(0).cast('float32').mean().item())
  // All of i, g and o are left with a probability of 1/8: one mask for all would leave 1/2.
  expect(share).toBeGreaterThan(0.01)
  expect(share).toBeLessThan(0.3)
})

test('carry their states over masked steps', async () => {
  setRandomSeed(7)
  const layer = convLSTM1d({ filters: 2, kernelSize: 3, padding: 'same', returnSequences: true })
  const values = (length: number, from: number) =>
    Array.from({ length }, (_, i) => Math.sin(from + i)) as readonly number[]
  const [first, last] = [values(4, 0), values(4, 9)]
  const of = (middle: readonly number[]) =>
    layer.apply(tensor([...first, ...middle, ...last], { shape: [1, 3, 4, 1] }), {
      training: false,
      mask: tensor([[true, false, true]]),
    })
  expect(await of(values(4, 3)).data()).toEqual(await of(values(4, 5)).data())
  const short = layer.apply(tensor([...first, ...last], { shape: [1, 2, 4, 1] }))
  const masked = await of(values(4, 3)).data()
  const plain = await short.data()
  expectClose(masked.slice(0, 8), Array.from(plain.slice(0, 8), Number))
  // A masked step shows what the one before has shown.
  expect(masked.slice(8, 16)).toEqual(masked.slice(0, 8))
  expectClose(masked.slice(16), Array.from(plain.slice(8), Number))
})

test('say what does not fit', () => {
  expect(() => convLSTM2d({ filters: 0, kernelSize: 3 })).toThrow(ArgumentError)
  expect(() => convLSTM2d({ filters: 1, kernelSize: 3, strides: 2, dilationRate: 2 })).toThrow(
    'ConvLSTM: expected either strides or a dilationRate above 1, received strides 2, 2 and dilationRate 2, 2.',
  )
  expect(() => convLSTMCell({ rank: 4, filters: 1, kernelSize: 3 })).toThrow('1, 2 or 3 spatial dimensions')
  expect(() => convLSTM2d({ filters: 1, kernelSize: 3 }).apply(zeros([2, 3, 8, 8]))).toThrow(ShapeError)
  expect(() => convLSTM2d({ filters: 1, kernelSize: 3 }).ensureBuilt([null, 3, null, 8, 1])).toThrow(
    'a known shape of a step',
  )
})
