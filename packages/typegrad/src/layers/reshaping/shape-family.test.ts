import { describe, expect, test } from 'vitest'
import { ArgumentError, arange, ones, ShapeError, tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { identity } from '../core/identity.ts'
import { dot } from '../merging/dot.ts'
import {
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
} from '../pooling/adaptive-average-pooling.ts'
import {
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from '../pooling/adaptive-max-pooling.ts'
import { cropping1d, cropping2d, cropping3d } from './cropping.ts'
import { permute } from './permute.ts'
import { repeatVector } from './repeat-vector.ts'
import { upSampling1d, upSampling2d, upSampling3d } from './up-sampling.ts'
import { zeroPadding1d, zeroPadding2d, zeroPadding3d } from './zero-padding.ts'

describe('adaptive pooling', () => {
  test.each([
    ['average, 1d', adaptiveAveragePooling1d, [2, 5, 2], [2, 3, 2]],
    ['average, 2d', adaptiveAveragePooling2d, [1, 4, 5, 2], [1, 3, 3, 2]],
    ['average, 3d', adaptiveAveragePooling3d, [1, 3, 4, 3, 1], [1, 3, 3, 3, 1]],
    ['max, 1d', adaptiveMaxPooling1d, [2, 5, 2], [2, 3, 2]],
    ['max, 2d', adaptiveMaxPooling2d, [1, 4, 5, 2], [1, 3, 3, 2]],
    ['max, 3d', adaptiveMaxPooling3d, [1, 3, 4, 3, 1], [1, 3, 3, 3, 1]],
  ] as const)('%s', (_, make, inputShape, expectedOutputShape) =>
    testLayer((options) => make({ outputSize: 3, ...options }), { inputShape, expectedOutputShape }),
  )

  test('windows overlap where they do not divide the elements', async () => {
    const x = arange(5).reshape([1, 5, 1])
    const windows = adaptiveAveragePooling1d({ outputSize: 3 }).apply(x)
    expect(await windows.reshape([3]).toArray()).toEqual([0.5, 2, 3.5])
  })

  test('says what does not fit', () => {
    expect(() => adaptiveMaxPooling2d({ outputSize: [1, 2, 3] })).toThrow(ArgumentError)
    expect(() => adaptiveMaxPooling2d({ outputSize: 2 }).apply(ones([2, 4, 3]))).toThrow(ShapeError)
  })
})

describe('cropping', () => {
  test('1d', () => testLayer(cropping1d, { inputShape: [2, 5, 2], expectedOutputShape: [2, 3, 2] }))
  test('2d', () =>
    testLayer((options) => cropping2d({ cropping: [[1, 0], 1], ...options }), {
      inputShape: [1, 4, 5, 2],
      expectedOutputShape: [1, 3, 3, 2],
    }))
  test('3d, channels first', () =>
    testLayer((options) => cropping3d({ cropping: 1, dataFormat: 'channelsFirst', ...options }), {
      inputShape: [1, 2, 3, 4, 3],
      expectedOutputShape: [1, 2, 1, 2, 1],
    }))
  test('says what does not fit', () => {
    expect(() => cropping2d({ cropping: -1 })).toThrow(/Cropping2D: cropping: expected a whole number/)
    expect(() => cropping1d({ cropping: [2, 2] }).apply(ones([1, 4, 1]))).toThrow(ShapeError)
  })
})

describe('zeroPadding', () => {
  test('1d', () =>
    testLayer((options) => zeroPadding1d({ padding: [2, 1], ...options }), {
      inputShape: [2, 3, 2],
      expectedOutputShape: [2, 6, 2],
    }))
  test('2d', () => testLayer(zeroPadding2d, { inputShape: [1, 2, 3, 2], expectedOutputShape: [1, 4, 5, 2] }))
  test('3d', () =>
    testLayer((options) => zeroPadding3d({ padding: [1, 0, [0, 2]], ...options }), {
      inputShape: [1, 2, 2, 2, 1],
      expectedOutputShape: [1, 4, 2, 4, 1],
    }))
})

describe('upSampling', () => {
  test('1d', () => testLayer(upSampling1d, { inputShape: [2, 3, 2], expectedOutputShape: [2, 6, 2] }))
  test('2d', () =>
    testLayer((options) => upSampling2d({ size: [2, 3], ...options }), {
      inputShape: [1, 2, 3, 2],
      expectedOutputShape: [1, 4, 9, 2],
    }))
  test('2d, on lines', () =>
    testLayer((options) => upSampling2d({ interpolation: 'bilinear', ...options }), {
      inputShape: [1, 2, 3, 2],
      expectedOutputShape: [1, 4, 6, 2],
    }))
  test('3d', () =>
    testLayer((options) => upSampling3d({ size: [1, 2, 1], dataFormat: 'channelsFirst', ...options }), {
      inputShape: [1, 1, 2, 2, 2],
      expectedOutputShape: [1, 1, 2, 4, 2],
    }))
})

test('permute', async () => {
  await testLayer((options) => permute({ dims: [2, 1], ...options }), {
    inputShape: [2, 3, 4],
    expectedOutputShape: [2, 4, 3],
  })
  expect(() => permute({ dims: [0, 1] })).toThrow(ArgumentError)
  expect(() => permute({ dims: [2, 1] }).apply(ones([2, 3]))).toThrow(ShapeError)
})

test('repeatVector', async () => {
  await testLayer((options) => repeatVector({ n: 3, ...options }), {
    inputShape: [2, 4],
    expectedOutputShape: [2, 3, 4],
  })
  expect(() => repeatVector({ n: 0 })).toThrow(ArgumentError)
})

test('identity', () => testLayer(identity, { inputShape: [2, 4], expectedOutputShape: [2, 4] }))

describe('dot', () => {
  test('of vectors', async () => {
    await testLayer((options) => dot({ axes: 1, normalize: true, ...options }), {
      inputShape: [
        [2, 3],
        [2, 3],
      ],
      expectedOutputShape: [2, 1],
    })
    expect(
      await dot({ axes: 1 })
        .apply([tensor([[1, 2]]), tensor([[3, 4]])])
        .toArray(),
    ).toEqual([[11]])
  })
  test('of matrices', () =>
    testLayer((options) => dot({ axes: [1, 2], ...options }), {
      inputShape: [
        [2, 3, 4],
        [2, 5, 3],
      ],
      expectedOutputShape: [2, 4, 5],
    }))
  test('says what does not fit', () => {
    expect(() => dot({ axes: 0 }).apply([ones([2, 3]), ones([2, 3])])).toThrow(ArgumentError)
    expect(() => dot({ axes: 1 }).apply([ones([2, 3]), ones([2, 4])])).toThrow(
      /Dot: expected as many elements along axis 1 of the first tensor as along axis 1 of the second/,
    )
  })
})
