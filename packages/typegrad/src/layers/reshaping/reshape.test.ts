import { describe, expect, test } from 'vitest'
import { ArgumentError, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { reshape } from './reshape.ts'

describe('reshape', () => {
  test('to a shape', () =>
    testLayer((options) => reshape({ targetShape: [3, 2], ...options }), {
      inputShape: [2, 6],
      expectedOutputShape: [2, 3, 2],
    }))

  test('with one free dimension', () =>
    testLayer((options) => reshape({ targetShape: [-1, 2], ...options }), {
      inputShape: [2, 3, 4],
      expectedOutputShape: [2, 6, 2],
    }))

  test('says what does not fit', () => {
    expect(() => reshape({ targetShape: [-1, -1] })).toThrow(ArgumentError)
    expect(() => reshape({ targetShape: [28, 28] }).apply(zeros([2, 783]))).toThrow(
      'Reshape: expected samples whose elements fill targetShape [28, 28], ' +
        'received 783 elements in samples of shape [783]. The batch is not a part of targetShape.',
    )
    expect(() => reshape({ targetShape: [-1, 5] }).apply(zeros([2, 12]))).toThrow(/12 elements/)
  })
})
