import { describe, expect, test } from 'vitest'
import { ArgumentError, ShapeError, tensor, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { batchNormalization } from './batch-normalization.ts'

const weights = (size: number) =>
  ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => [name, [size]] as const)

describe('batchNormalization', () => {
  test.each([true, false])('of vectors, training: %s', (training) =>
    testLayer(batchNormalization, {
      inputShape: [5, 3],
      expectedOutputShape: [5, 3],
      expectedWeights: weights(3),
      expectedTrainable: 2,
      training,
    }),
  )

  test.each([true, false])('of channels first, training: %s', (training) =>
    testLayer((options) => batchNormalization({ axis: 1, momentum: 0.9, ...options }), {
      inputShape: [2, 3, 2, 2],
      expectedOutputShape: [2, 3, 2, 2],
      expectedWeights: weights(3),
      expectedTrainable: 2,
      training,
    }),
  )

  test('without gamma and beta', () =>
    testLayer((options) => batchNormalization({ center: false, scale: false, ...options }), {
      inputShape: [4, 2],
      expectedWeights: [
        ['moving_mean', [2]],
        ['moving_variance', [2]],
      ],
      expectedTrainable: 0,
      training: true,
    }))

  test('moves its statistics while training, unless it is frozen', async () => {
    const x = tensor([[1], [3]])
    const layer = batchNormalization({ momentum: 0.5 })
    layer.apply(x, { training: true })
    const [mean, variance] = layer.nonTrainableWeights
    expect(await mean?.value.toArray()).toEqual([1]) // 0 · 0.5 + 2 · 0.5
    expect(await variance?.value.toArray()).toEqual([1]) // 1 · 0.5 + 1 · 0.5

    const frozen = batchNormalization({ momentum: 0.5, trainable: false })
    const y = frozen.apply(x, { training: true })
    expect(await frozen.weights[2]?.value.toArray()).toEqual([0])
    // Moving statistics 0 and 1: the input divided by √1.001.
    expect((await y.data())[1]).toBeCloseTo(3 / Math.sqrt(1.001), 6)
  })

  test('keeps its digits where the mean is far from 0', async () => {
    const x = tensor([[10_000], [10_001], [10_002]])
    const y = await batchNormalization().apply(x, { training: true }).data()
    expect(Array.from(y, Number)[2]).toBeCloseTo(1 / Math.sqrt(2 / 3 + 1e-3), 4)
  })

  test('says what does not fit', () => {
    expect(() => batchNormalization({ momentum: 2 })).toThrow(ArgumentError)
    expect(() => batchNormalization({ epsilon: 0 })).toThrow(/expected a positive epsilon, received 0/)
    expect(() => batchNormalization({ axis: 2 }).ensureBuilt([null, 3])).toThrow(ArgumentError)
    const layer = batchNormalization()
    layer.ensureBuilt([null, 3])
    expect(() => layer.apply(zeros([2, 4]))).toThrow(ShapeError)
  })
})
