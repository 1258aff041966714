import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  bidirectionalBuckets,
  bucketsOf,
  type RelativeBuckets,
  signedLogBuckets,
} from './relative-buckets.ts'

interface GoldenBuckets {
  readonly buckets: number
  readonly maxDistance: number
  readonly values: readonly number[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/encoder-relative-buckets.json', import.meta.url), 'utf8'),
) as {
  readonly from: number
  readonly bidirectional: readonly GoldenBuckets[]
  readonly signedLog: readonly GoldenBuckets[]
}

/** The buckets of all distances of the golden file. */
const all = ({ farthest, table }: RelativeBuckets, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const distance = Math.min(farthest, Math.max(-farthest, golden.from + i))
    return table[distance + farthest]
  })

test.each(golden.bidirectional)(
  'T5’s $buckets buckets up to $maxDistance',
  ({ buckets, maxDistance, values }) => {
    expect(all(bidirectionalBuckets(buckets, maxDistance), values.length)).toEqual(values)
  },
)

test.each(golden.signedLog)(
  'DeBERTa’s $buckets buckets up to $maxDistance',
  ({ buckets, maxDistance, values }) => {
    expect(all(signedLogBuckets(buckets, maxDistance), values.length)).toEqual(values)
  },
)

test('distances are rows less columns', async () => {
  const distances = { farthest: 2, table: Int32Array.from([-2, -1, 0, 1, 2]) }
  expect(await bucketsOf(4, distances).toArray()).toEqual([
    [0, -1, -2, -2],
    [1, 0, -1, -2],
    [2, 1, 0, -1],
    [2, 2, 1, 0],
  ])
})
