import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { vectorIndex } from './vector-index.ts'
import type { VectorRows } from './vector-rows.ts'

/** Vectors around some centres, of different lengths. */
function vectorsOf(count: number, dimensions: number, phase = 0): VectorRows {
  const values = Float32Array.from({ length: count * dimensions }, (_, i) => {
    const [row, d] = [Math.floor(i / dimensions), i % dimensions]
    const centre = Math.sin((1 + (row % 23)) * (d + 1.7))
    const own = Math.sin(row * 12.9898 + d * 78.233 + phase)
    return (centre + 0.5 * own) * (0.5 + ((row * 7) % 10) / 10)
  })
  return { count, dimensions, values }
}

const vectors = vectorsOf(1000, 16)
const queries = vectorsOf(20, 16, 1)
const queryAt = (i: number): Float32Array => queries.values.subarray(16 * i, 16 * (i + 1))
const vectorAt = (row: number): Float32Array => vectors.values.subarray(16 * row, 16 * (row + 1))
const product = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, d) => sum + value * (b[d] as number), 0)
const length = (a: Float32Array): number => Math.sqrt(product(a, a))

test.each(['product', 'cosine'] as const)(
  'exact search by the %s finds what sorting all does',
  async (measure) => {
    const index = await vectorIndex(vectors, { measure })
    const scores = Array.from({ length: 1000 }, (_, row) => {
      const found = product(queryAt(3), vectorAt(row))
      return measure === 'product' ? found : found / length(queryAt(3)) / length(vectorAt(row))
    })
    const sorted = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number))
    const found = index.search(queryAt(3), 20, new Set(sorted.slice(0, 2)))
    expect(found.map(({ row }) => row)).toEqual(sorted.slice(2, 22))
    expectClose(
      found.map(({ score }) => score),
      sorted.slice(2, 22).map((row) => scores[row] as number),
    )
    expect(index.recall(queries, 10)).toBe(1)
  },
)

test.each(['product', 'cosine'] as const)(
  'approximate search by the %s finds nearly all of it',
  async (measure) => {
    const index = await vectorIndex(vectors, { measure, search: 'approximate' })
    const share = index.recall(queries, 10)
    expect(share).toBeGreaterThan(0.9)
    const few = await vectorIndex(vectors, { measure, search: 'approximate', probes: 1 })
    expect(few.recall(queries, 10)).toBeLessThan(share)
    const all = await vectorIndex(vectors, { measure, search: 'approximate', lists: 20, probes: 20 })
    expect(all.recall(queries, 10)).toBe(1)
    const [first, second] = index.search(queryAt(0), 2)
    const [found] = index.search(queryAt(0), 1, new Set([first?.row as number]))
    expect(found).toEqual(second)
  },
)

test('few vectors, vectors of 0 and numbers that are not as many', async () => {
  const none = await vectorIndex(
    { count: 0, dimensions: 2, values: new Float32Array(0) },
    { search: 'approximate' },
  )
  expect(none.search([1, 2], 3)).toEqual([])
  const zeros = { count: 3, dimensions: 2, values: new Float32Array(6) }
  for (const search of ['exact', 'approximate'] as const) {
    const index = await vectorIndex(zeros, { search, measure: 'cosine' })
    expect(index.search([1, 2], 5).map(({ row }) => row)).toEqual([0, 1, 2])
  }
  await expect(vectorIndex({ ...zeros, count: 4 })).rejects.toThrow(/4 vectors of 2 numbers, received 6/)
  const index = await vectorIndex(zeros)
  expect(() => index.search([1, 2, 3], 1)).toThrow(/a query of 2 numbers, received 3/)
})
