import { expect, test } from 'vitest'
import { copyInSlices, joinInSlices } from './copy.ts'
import { typedArray } from './dtype.ts'

test.each([3, 600_000, 1_500_001])('copies %d elements of a view', async (length) => {
  const all = Float64Array.from({ length: length + 2 }, (_, i) => i * 0.5)
  const view = all.subarray(1, length + 1)
  const copy = await copyInSlices(view)
  expect(copy).toBeInstanceOf(Float64Array)
  expect(copy).toEqual(view)
  expect(copy.buffer).not.toBe(view.buffer)
})

test('keeps the kind of the array', async () => {
  expect(await copyInSlices(typedArray('int64', 400_000))).toEqual(new BigInt64Array(400_000))
})

test('joins parts, of which some are empty', async () => {
  const parts = [Uint8Array.of(1, 2), new Uint8Array(0), new Uint8Array(3_000_000).fill(7), Uint8Array.of(3)]
  const joined = await joinInSlices(parts)
  expect(joined.length).toBe(3_000_003)
  expect([...joined.subarray(0, 3), ...joined.subarray(-2)]).toEqual([1, 2, 7, 7, 3])
})
