import { describe, expect, test } from 'vitest'
import { ArgumentError, ShapeError, zeros } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { input } from '../core/input.ts'
import { concatenate } from './concatenate.ts'

describe('concatenate', () => {
  test('along the last axis', () =>
    testLayer(concatenate, {
      inputShape: [
        [2, 3],
        [2, 5],
      ],
      expectedOutputShape: [2, 8],
    }))

  test('along another', () =>
    testLayer((options) => concatenate({ axis: 1, ...options }), {
      inputShape: [
        [2, 3, 2],
        [2, 1, 2],
        [2, 2, 2],
      ],
      expectedOutputShape: [2, 6, 2],
    }))

  test('says what does not fit', () => {
    expect(() => concatenate().apply([zeros([2, 3]), zeros([3, 3])])).toThrow(ShapeError)
    expect(() =>
      concatenate({ axis: 1 }).apply([input({ shape: [3, 4] }), input({ shape: [5, 6] })]),
    ).toThrow(
      'Concatenate: expected shapes that differ along axis 1 alone, received [batch, 3, 4] and [batch, 5, 6].',
    )
    expect(() => concatenate({ axis: 4 }).apply([zeros([2, 3]), zeros([2, 3])])).toThrow(ArgumentError)
  })
})
