import { describe, expect, test } from 'vitest'
import { ShapeError, tensor, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { averagePooling1d, averagePooling2d, averagePooling3d } from './average-pooling.ts'
import { maxPooling1d, maxPooling2d, maxPooling3d } from './max-pooling.ts'

/** Average pooling exists in float32 alone; the check's loss is quadratic, so a large step is exact. */
const gradient = { step: 0.5, tolerance: 2e-5 }

describe.each([
  ['max', maxPooling1d, maxPooling2d, maxPooling3d, {}],
  ['average', averagePooling1d, averagePooling2d, averagePooling3d, { gradient }],
] as const)('%s pooling', (_, oneD, twoD, threeD, more) => {
  test('of whole windows', () =>
    testLayer(twoD, { inputShape: [2, 5, 4, 2], expectedOutputShape: [2, 2, 2, 2], ...more }))

  test('of overlapping windows with padding', () =>
    testLayer((options) => twoD({ poolSize: [3, 2], strides: [2, 1], padding: 'same', ...options }), {
      inputShape: [1, 5, 4, 2],
      expectedOutputShape: [1, 3, 4, 2],
      ...more,
    }))

  test('channels first', () =>
    testLayer((options) => twoD({ dataFormat: 'channelsFirst', ...options }), {
      inputShape: [1, 2, 4, 6],
      expectedOutputShape: [1, 2, 2, 3],
      ...more,
    }))

  test('of a sequence', () =>
    testLayer((options) => oneD({ poolSize: 3, strides: 1, ...options }), {
      inputShape: [2, 6, 2],
      expectedOutputShape: [2, 4, 2],
      ...more,
    }))

  test('of a volume', () =>
    testLayer(threeD, { inputShape: [1, 4, 2, 2, 2], expectedOutputShape: [1, 2, 1, 1, 2], ...more }))

  test('says what does not fit', () => {
    expect(() => twoD().apply(zeros([28, 28]))).toThrow(ShapeError)
    expect(() => twoD({ poolSize: 0 })).toThrow(/Pooling2D: poolSize: expected a positive whole number/)
  })
})

test('the largest element and the mean of a window', async () => {
  const x = tensor([[[1], [2], [5], [6]]])
  expect(await maxPooling1d().apply(x).toArray()).toEqual([[[2], [6]]])
  expect(await averagePooling1d().apply(x).toArray()).toEqual([[[1.5], [5.5]]])
})
