import { describe, expect, test } from 'vitest'
import { ArgumentError, ones, ShapeError, UnknownNameError } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { conv1d, conv2d } from './conv.ts'
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from './conv-transpose.ts'
import { depthwiseConv1d, depthwiseConv2d } from './depthwise-conv.ts'
import { separableConv1d, separableConv2d } from './separable-conv.ts'

/** As in conv.test.ts: kernels of float32 and a loss that is quadratic in each element. */
const gradient = { step: 0.5, tolerance: 2e-5 }

describe('causal conv1d', () => {
  test('keeps the length', () =>
    testLayer(
      (options) => conv1d({ filters: 2, kernelSize: 3, padding: 'causal', dilationRate: 2, ...options }),
      {
        inputShape: [2, 6, 2],
        expectedOutputShape: [2, 6, 2],
        expectedWeights: [
          ['kernel', [3, 2, 2]],
          ['bias', [2]],
        ],
        gradient,
      },
    ))

  test('sees nothing of the future', async () => {
    const layer = conv1d({ filters: 1, kernelSize: 3, padding: 'causal', kernelInitializer: 'ones' })
    expect(
      await layer
        .apply(ones([1, 4, 1]))
        .reshape([4])
        .toArray(),
    ).toEqual([1, 2, 3, 3])
  })

  test('is of sequences alone', () => {
    expect(() => conv2d({ filters: 1, kernelSize: 3, padding: 'causal' })).toThrow(UnknownNameError)
    expect(() => conv1dTranspose({ filters: 1, kernelSize: 3, padding: 'causal' as 'same' })).toThrow(
      UnknownNameError,
    )
  })
})

describe('transposed', () => {
  test('conv1dTranspose', () =>
    testLayer((options) => conv1dTranspose({ filters: 2, kernelSize: 3, strides: 2, ...options }), {
      inputShape: [2, 4, 3],
      expectedOutputShape: [2, 9, 2],
      expectedWeights: [
        ['kernel', [3, 2, 3]],
        ['bias', [2]],
      ],
      gradient,
    }))

  test('conv2dTranspose', () =>
    testLayer(
      (options) => conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', ...options }),
      {
        inputShape: [1, 3, 4, 2],
        expectedOutputShape: [1, 6, 8, 3],
        expectedWeights: [
          ['kernel', [3, 3, 3, 2]],
          ['bias', [3]],
        ],
        gradient,
      },
    ))

  test('conv2dTranspose with outputPadding, channels first', () =>
    testLayer(
      (options) =>
        conv2dTranspose({
          filters: 2,
          kernelSize: 2,
          strides: [2, 3],
          outputPadding: [1, 2],
          dataFormat: 'channelsFirst',
          ...options,
        }),
      {
        inputShape: [1, 2, 3, 2],
        expectedOutputShape: [1, 2, 7, 7],
        expectedWeights: [
          ['kernel', [2, 2, 2, 2]],
          ['bias', [2]],
        ],
        gradient,
      },
    ))

  test('conv3dTranspose', () =>
    testLayer((options) => conv3dTranspose({ filters: 1, kernelSize: 2, useBias: false, ...options }), {
      inputShape: [1, 2, 2, 2, 2],
      expectedOutputShape: [1, 3, 3, 3, 1],
      expectedWeights: [['kernel', [2, 2, 2, 1, 2]]],
      gradient,
    }))

  test('says what does not fit', () => {
    expect(() => conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 2 })).toThrow(
      /Conv2DTranspose: outputPadding: expected whole numbers from 0, each below its stride \(2, 2\), received 2/,
    )
    expect(() => conv2dTranspose({ filters: 0, kernelSize: 3 })).toThrow(ArgumentError)
    const layer = conv1dTranspose({ filters: 1, kernelSize: 3 })
    layer.ensureBuilt([null, 5, 2])
    expect(() => layer.apply(ones([1, 5, 3]))).toThrow(ShapeError)
  })
})

describe('depthwise', () => {
  test('depthwiseConv1d', () =>
    testLayer((options) => depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, ...options }), {
      inputShape: [2, 5, 3],
      expectedOutputShape: [2, 3, 6],
      expectedWeights: [
        ['kernel', [3, 3, 2]],
        ['bias', [6]],
      ],
      gradient,
    }))

  test('depthwiseConv2d', () =>
    testLayer((options) => depthwiseConv2d({ kernelSize: 3, padding: 'same', strides: 2, ...options }), {
      inputShape: [1, 5, 4, 3],
      expectedOutputShape: [1, 3, 2, 3],
      expectedWeights: [
        ['kernel', [3, 3, 3, 1]],
        ['bias', [3]],
      ],
      gradient,
    }))
})

describe('separable', () => {
  test('separableConv1d', () =>
    testLayer((options) => separableConv1d({ filters: 3, kernelSize: 2, padding: 'causal', ...options }), {
      inputShape: [2, 4, 2],
      expectedOutputShape: [2, 4, 3],
      expectedWeights: [
        ['depthwise_kernel', [2, 2, 1]],
        ['pointwise_kernel', [1, 2, 3]],
        ['bias', [3]],
      ],
      gradient,
    }))

  test('separableConv2d', () =>
    testLayer(
      (options) =>
        separableConv2d({ filters: 2, kernelSize: 2, depthMultiplier: 2, useBias: false, ...options }),
      {
        inputShape: [1, 3, 4, 2],
        expectedOutputShape: [1, 2, 3, 2],
        expectedWeights: [
          ['depthwise_kernel', [2, 2, 2, 2]],
          ['pointwise_kernel', [1, 1, 4, 2]],
        ],
        gradient,
      },
    ))
})
