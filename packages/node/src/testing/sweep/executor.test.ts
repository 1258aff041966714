import { expect, test } from 'vitest'
import { assemble } from './executor.ts'

test('windows of images that begin 4 GiB behind the first', () => {
  // 1 << 30 floats before the first image: more than the field of an addition holds.
  const { tasks } = assemble({
    kind: 'patches',
    images: [64, 1024, 1024, 32],
    places: [512, 512],
    window: [3, 3],
    strides: [2, 2],
    dilation: [1, 1],
    before: [0, 0],
    first: 32,
    count: 1,
  })
  expect(tasks).toBe(512)
})
