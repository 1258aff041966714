import { describe, expect, test } from 'vitest'
import { ArgumentError, ShapeError, tensor, UnknownNameError, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { Dense, dense } from './dense.ts'

describe('dense', () => {
  test('of vectors', () =>
    testLayer((options) => dense({ units: 3, activation: 'tanh', ...options }), {
      inputShape: [2, 4],
      expectedOutputShape: [2, 3],
      expectedWeights: [
        ['kernel', [4, 3]],
        ['bias', [3]],
      ],
    }))

  test('over the last of several dimensions, without bias', () =>
    testLayer((options) => dense({ units: 3, useBias: false, ...options }), {
      inputShape: [2, 2, 4],
      expectedOutputShape: [2, 2, 3],
      expectedWeights: [['kernel', [4, 3]]],
    }))

  test('x · kernel + bias', async () => {
    const layer = new Dense({ units: 2 })
    layer.ensureBuilt([null, 2])
    layer.setWeights([
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([10, 20]),
    ])
    expect(await layer.apply(tensor([[1, 1]])).toArray()).toEqual([[14, 26]])
  })

  test('says what does not fit', () => {
    expect(() => dense({ units: 0 })).toThrow(ArgumentError)
    expect(() => dense({ units: 1, activation: 'reluu' })).toThrow(UnknownNameError)
    const layer = dense({ units: 64 })
    layer.ensureBuilt([null, 784])
    expect(() => layer.apply(zeros([32, 28, 28]))).toThrow(ShapeError)
    expect(() => layer.apply(zeros([32, 28, 28]))).toThrow(
      'Dense: expected an input with a last dimension of 784 (the kernel is [784, 64]), ' +
        'received shape [32, 28, 28]. Flatten the input first: layers.flatten().',
    )
  })
})
