import { describe, expect, test } from 'vitest'
import { ArgumentError, tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { layerNormalization } from './layer-normalization.ts'

describe('layerNormalization', () => {
  test('over the last axis', () =>
    testLayer(layerNormalization, {
      inputShape: [2, 3, 4],
      expectedOutputShape: [2, 3, 4],
      expectedWeights: [
        ['gamma', [4]],
        ['beta', [4]],
      ],
    }))

  test('over two axes, of which the last is none', () =>
    testLayer((options) => layerNormalization({ axis: [1, 2], epsilon: 1e-5, ...options }), {
      inputShape: [2, 2, 3, 2],
      expectedWeights: [
        ['gamma', [2, 3]],
        ['beta', [2, 3]],
      ],
    }))

  test('without gamma and beta', () =>
    testLayer((options) => layerNormalization({ center: false, scale: false, ...options }), {
      inputShape: [2, 5],
    }))

  test('gives each sample mean 0 and variance 1', async () => {
    const y = await layerNormalization({ epsilon: 1e-12 })
      .apply(
        tensor([
          [1, 3],
          [-100, 100],
        ]),
      )
      .toArray()
    expect(y).toEqual([
      [-1, 1],
      [-1, 1],
    ])
  })

  test('says what does not fit', () => {
    expect(() => layerNormalization({ epsilon: -1 })).toThrow(ArgumentError)
    expect(() => layerNormalization({ axis: 3 }).ensureBuilt([null, 3])).toThrow(
      /LayerNormalization: expected an axis/,
    )
    expect(() => layerNormalization().ensureBuilt([3, null])).toThrow(/a known size along axis 1/)
  })
})
