import { tensor } from 'typegrad'
import { expectClose, testLayer } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { UnitOffsetRMSNormalization } from './unit-offset-rms-normalization.ts'

test('is a layer', () =>
  testLayer((options) => new UnitOffsetRMSNormalization({ epsilon: 1e-3, ...options }), {
    inputShape: [2, 3, 4],
    expectedOutputShape: [2, 3, 4],
    expectedWeights: [['weight', [4]]],
  }))

test('divides by the root of the mean square, and multiplies with 1 + weight', async () => {
  const layer = new UnitOffsetRMSNormalization({ epsilon: 2 })
  // Mean square 14, and 14 + 2 = 4².
  const x = tensor([[2, 4, 6, 0]])
  expectClose(await layer.apply(x).data(), [0.5, 1, 1.5, 0])
  layer.setWeights([tensor([0, 1, -1, 2])])
  expectClose(await layer.apply(x).data(), [0.5, 2, 0, 0])
  expect(() => new UnitOffsetRMSNormalization({ epsilon: 0 })).toThrow(
    /epsilon: expected a finite number above 0/,
  )
})
