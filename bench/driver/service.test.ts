import { expect, test } from 'vitest'
import { describeService, type ServiceFigures } from './service.ts'

test('a row for each measure, with the median and the worst of its processes', () => {
  const figures = (a: readonly number[], b: readonly number[]) => ({
    node: a,
    'node --v8-pool-size=1 --max-semi-space-size=2': b,
  })
  const some = figures([3, 1, 8], [1, 2, 2])
  const all: ServiceFigures = {
    network: some,
    weight: some,
    nothing: some,
    small: some,
    large: figures([30, 10, 20], [9, 11, 10]),
    deep: some,
    crowded: some,
  }
  const rows = describeService(all).split('\n')
  expect(rows).toHaveLength(9)
  expect(rows[2]).toMatch(/in `fit` \| 3\.0 MB \(8\.0\) \| 2\.0 MB \(2\.0\) \|$/)
  expect(rows[6]).toBe('| the same, layers of 2048 × 2048 | 20.0 ms (30.0) | 10.0 ms (11.0) |')
})
