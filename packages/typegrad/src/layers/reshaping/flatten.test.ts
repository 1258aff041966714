import { describe, expect, test } from 'vitest'
import { tensor } from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { flatten } from './flatten.ts'

describe('flatten', () => {
  test('of images', () => testLayer(flatten, { inputShape: [2, 3, 2, 2], expectedOutputShape: [2, 12] }))

  test('of images, channels first', () =>
    testLayer((options) => flatten({ dataFormat: 'channelsFirst', ...options }), {
      inputShape: [2, 2, 3, 2],
      expectedOutputShape: [2, 12],
    }))

  test('of scalars', () => testLayer(flatten, { inputShape: [3], expectedOutputShape: [3, 1] }))

  test('gives both data formats the same order', async () => {
    const x = tensor([
      [
        [1, 2],
        [3, 4],
      ],
    ])
    expect(await flatten().apply(x).toArray()).toEqual([[1, 2, 3, 4]])
    const swapped = flatten({ dataFormat: 'channelsFirst' }).apply(x.transpose([0, 2, 1]))
    expect(await swapped.toArray()).toEqual([[1, 2, 3, 4]])
  })

  test('has an open size where the data has', () => {
    expect(flatten().computeOutputShape([null, null, 3])).toEqual([null, null])
  })
})
