import { describe, expect, test } from 'vitest'
import { tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { rescaling } from './rescaling.ts'

describe('rescaling', () => {
  test('by numbers', () =>
    testLayer((options) => rescaling({ scale: 1 / 127.5, offset: -1, ...options }), {
      inputShape: [2, 3, 2],
      expectedOutputShape: [2, 3, 2],
    }))

  test('by lists, one number a feature', () =>
    testLayer((options) => rescaling({ scale: [1, 2, 3], offset: [0, 1, 0], ...options }), {
      inputShape: [2, 3],
      expectedOutputShape: [2, 3],
    }))

  test('turns bytes into floats', async () => {
    const y = rescaling({ scale: 1 / 255 }).apply(tensor([0, 255], { dtype: 'uint8' }))
    expect(y.dtype).toBe('float32')
    expect(await y.toArray()).toEqual([0, 1])
  })
})
