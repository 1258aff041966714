import { describe, expect, test } from 'vitest'
import { ArgumentError, tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { embedding } from './embedding.ts'

describe('embedding', () => {
  test('of sequences', () =>
    testLayer((options) => embedding({ inputDim: 5, outputDim: 3, ...options }), {
      inputShape: [2, 4],
      inputValues: [0, 4, 1, 1, 3, 0, 4, 4],
      expectedOutputShape: [2, 4, 3],
      expectedWeights: [['embeddings', [5, 3]]],
    }))

  test('of single indices', () =>
    testLayer((options) => embedding({ inputDim: 5, outputDim: 2, ...options }), {
      inputShape: [3],
      inputValues: [4, 0, 4],
      expectedOutputShape: [3, 2],
      expectedWeights: [['embeddings', [5, 2]]],
    }))

  test('takes indices that came as floats', async () => {
    const layer = embedding({ inputDim: 2, outputDim: 2 })
    layer.ensureBuilt([null])
    layer.setWeights([
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ])
    expect(layer.inputDType).toBe('int32')
    expect(await layer.apply(tensor([1, 0])).toArray()).toEqual([
      [3, 4],
      [1, 2],
    ])
  })

  test('says what does not fit', () => {
    expect(() => embedding({ inputDim: 0, outputDim: 2 })).toThrow(ArgumentError)
    expect(() => embedding({ inputDim: 2, outputDim: 1.5 })).toThrow(/Embedding: outputDim/)
  })
})
