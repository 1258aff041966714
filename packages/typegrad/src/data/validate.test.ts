import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkSamples } from './validate.ts'

/** A matrix of three columns in which nothing is NaN but what `at` names. */
function matrix(rows: number, at: readonly number[], Type: typeof Float32Array | typeof Float64Array) {
  const data = new Type(3 * rows).map((_, i) => i % 7)
  for (const i of at) data[i] = Number.NaN
  return { data, dtype: Type === Float32Array ? 'float32' : 'float64', shape: [rows, 3] } as const
}

const check = async (array: ReturnType<typeof matrix>) => checkSamples('fit', [['x', array]])

// Few elements are looked at on the spot, and many in slices.
test.each([5, 4_000, 50_000])('NaN is named by sample and feature, in %s rows', async (rows) => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(3 * rows - 1),
      fc.constantFrom<typeof Float32Array | typeof Float64Array>(Float32Array, Float64Array),
      async (at, Type) => {
        await expect(check(matrix(rows, [at], Type))).rejects.toThrow(
          new RegExp(`NaN in x, sample ${Math.floor(at / 3)}, feature ${at % 3}\\b`),
        )
      },
    ),
    { numRuns: 25 },
  )
})

test.each([5, 50_000])('infinities and sums past the largest number are none, in %s rows', async (rows) => {
  const array = matrix(rows, [], Float64Array)
  array.data.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 0, 0, 0, 0, 0, 0])
  array.data.set([Number.MAX_VALUE], 10)
  await expect(check(array)).resolves.toBeUndefined()
})
