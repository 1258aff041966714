import { describe, expect, test } from 'vitest'
import { ShapeError, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
} from './global-average-pooling.ts'
import { globalMaxPooling1d, globalMaxPooling2d, globalMaxPooling3d } from './global-max-pooling.ts'

describe.each([
  ['average', globalAveragePooling1d, globalAveragePooling2d, globalAveragePooling3d],
  ['max', globalMaxPooling1d, globalMaxPooling2d, globalMaxPooling3d],
])('global %s pooling', (_, oneD, twoD, threeD) => {
  test('of images', () => testLayer(twoD, { inputShape: [2, 3, 4, 2], expectedOutputShape: [2, 2] }))

  test('of images with the spatial dimensions kept', () =>
    testLayer((options) => twoD({ keepdims: true, ...options }), {
      inputShape: [2, 3, 4, 2],
      expectedOutputShape: [2, 1, 1, 2],
    }))

  test('of images, channels first', () =>
    testLayer((options) => twoD({ dataFormat: 'channelsFirst', ...options }), {
      inputShape: [2, 2, 3, 4],
      expectedOutputShape: [2, 2],
    }))

  test('of sequences', () => testLayer(oneD, { inputShape: [2, 5, 3], expectedOutputShape: [2, 3] }))

  test('of volumes', () => testLayer(threeD, { inputShape: [2, 2, 3, 2, 2], expectedOutputShape: [2, 2] }))

  test('says what does not fit', () => {
    expect(() => twoD().apply(zeros([2, 3, 4]))).toThrow(ShapeError)
  })
})
