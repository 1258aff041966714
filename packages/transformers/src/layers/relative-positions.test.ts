import { readFileSync } from 'node:fs'
import { tensor } from 'typegrad'
import { describe, expect, test } from 'vitest'
import { bucketsByDistance, type RelativeBuckets, relativeBuckets } from './relative-positions.ts'

const golden: readonly (RelativeBuckets & { readonly values: readonly number[] })[] = JSON.parse(
  readFileSync(new URL('../../golden/relative-buckets.json', import.meta.url), 'utf8'),
)

describe('buckets of relative positions', () => {
  test.each(golden)('are those of Python: $buckets to $maxDistance, both sides $bidirectional', (row) => {
    expect([...bucketsByDistance(row)]).toEqual(row.values)
  })

  test('of queries that begin at a cache’s offset', async () => {
    const table = bucketsByDistance({ buckets: 8, maxDistance: 10, bidirectional: false })
    const found = await relativeBuckets(table, tensor([9, 30], { dtype: 'int32' }), 12).data()
    // Distances 9, 8, …: below 4 one bucket each, from there on 4 + ⌊4 · log(distance / 4) / log(10 / 4)⌋, at most 7. Keys
    // after the query are in bucket 0.
    expect([...found]).toEqual([7, 7, 6, 5, 4, 4, 3, 2, 1, 0, 0, 0, ...new Array<number>(12).fill(7)])
  })
})
