import { describe, expect, test } from 'vitest'
import { ArgumentError, ones, ShapeError, UnknownNameError, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { conv1d, conv2d, conv3d } from './conv.ts'

/**
 * Convolution kernels exist in float32 alone. The check's loss is quadratic in each element, so central
 * differences over any distance are exact, and rounding (1e-7 of the loss) is divided by a large one.
 */
const gradient = { step: 0.5, tolerance: 2e-5 }

describe('conv2d', () => {
  test('of whole windows', () =>
    testLayer((options) => conv2d({ filters: 3, kernelSize: 3, ...options }), {
      inputShape: [2, 5, 6, 2],
      expectedOutputShape: [2, 3, 4, 3],
      expectedWeights: [
        ['kernel', [3, 3, 2, 3]],
        ['bias', [3]],
      ],
      gradient,
    }))

  test('with strides and padding, without bias', () =>
    testLayer(
      (options) =>
        conv2d({ filters: 2, kernelSize: [2, 3], strides: 2, padding: 'same', useBias: false, ...options }),
      {
        inputShape: [1, 5, 6, 2],
        expectedOutputShape: [1, 3, 3, 2],
        expectedWeights: [['kernel', [2, 3, 2, 2]]],
        gradient,
      },
    ))

  test('dilated, in groups', () =>
    testLayer((options) => conv2d({ filters: 4, kernelSize: 2, dilationRate: 2, groups: 2, ...options }), {
      inputShape: [1, 4, 4, 4],
      expectedOutputShape: [1, 2, 2, 4],
      expectedWeights: [
        ['kernel', [2, 2, 2, 4]],
        ['bias', [4]],
      ],
      gradient,
    }))

  test("channels first, in Keras's spelling", () =>
    testLayer((options) => conv2d({ filters: 3, kernelSize: 2, dataFormat: 'channels_first', ...options }), {
      inputShape: [1, 2, 4, 5],
      expectedOutputShape: [1, 3, 3, 4],
      expectedWeights: [
        ['kernel', [2, 2, 2, 3]],
        ['bias', [3]],
      ],
      gradient,
    }))

  test('sums windows where the kernel is all ones', async () => {
    const layer = conv2d({ filters: 1, kernelSize: 3, kernelInitializer: 'ones', padding: 'same' })
    const counts = [
      [4, 6, 4],
      [6, 9, 6],
      [4, 6, 4],
    ]
    expect(
      await layer
        .apply(ones([1, 3, 3, 1]))
        .reshape([3, 3])
        .toArray(),
    ).toEqual(counts)
  })

  test('is built for images whose size is open', () => {
    const layer = conv2d({ filters: 8, kernelSize: 5, strides: 2 })
    expect(layer.computeOutputShape([null, null, null, 3])).toEqual([null, null, null, 8])
    expect(layer.countParams()).toBe(5 * 5 * 3 * 8 + 8)
  })

  test('says what does not fit', () => {
    expect(() => conv2d({ filters: 0, kernelSize: 3 })).toThrow(ArgumentError)
    expect(() => conv2d({ filters: 3, kernelSize: [3, 3, 3] })).toThrow(
      /Conv2D: kernelSize: expected a positive/,
    )
    expect(() => conv2d({ filters: 3, kernelSize: 3, groups: 2 })).toThrow(/filters that 2 groups divide/)
    expect(() => conv2d({ filters: 3, kernelSize: 3, padding: 'sane' as 'same' })).toThrow(UnknownNameError)
    expect(() => conv2d({ filters: 3, kernelSize: 3 }).ensureBuilt([null, 784])).toThrow(
      'Conv2D: expected an input of rank 4, (batch, …spatial, channels), received shape [batch, 784].',
    )
    expect(() => conv2d({ filters: 3, kernelSize: 3 }).ensureBuilt([null, 28, 2, 1])).toThrow(ShapeError)
    expect(() => conv2d({ filters: 3, kernelSize: 3 }).ensureBuilt([null, 28, 2, 1])).toThrow(
      'expected an input of at least 3 elements along axis 2 for a window of 3',
    )
    const layer = conv2d({ filters: 3, kernelSize: 3 })
    layer.ensureBuilt([null, 28, 28, 1])
    expect(() => layer.apply(zeros([1, 28, 28, 3]))).toThrow(
      /Conv2D: expected an input of rank 4 with 1 channels/,
    )
  })
})

test('conv1d', () =>
  testLayer((options) => conv1d({ filters: 3, kernelSize: 3, padding: 'same', ...options }), {
    inputShape: [2, 5, 2],
    expectedOutputShape: [2, 5, 3],
    expectedWeights: [
      ['kernel', [3, 2, 3]],
      ['bias', [3]],
    ],
    gradient,
  }))

test('conv3d', () =>
  testLayer((options) => conv3d({ filters: 2, kernelSize: 2, strides: [1, 2, 1], ...options }), {
    inputShape: [1, 3, 4, 3, 2],
    expectedOutputShape: [1, 2, 2, 2, 2],
    expectedWeights: [
      ['kernel', [2, 2, 2, 2, 2]],
      ['bias', [2]],
    ],
    gradient,
  }))
