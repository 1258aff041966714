import { expect, test } from 'vitest'
import { copyInSlices, joinInSlices } from './copy.ts'
import { typedArray } from './dtype.ts'

/** Byte for byte: `toEqual` looks at each of a million elements by itself. */
const isEqual = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

test.each([3, 600_000, 1_500_001])('copies %d elements of a view', async (length) => {
  const all = Float64Array.from({ length: length + 2 }, (_, i) => i * 0.5)
  const view = all.subarray(1, length + 1)
  const copy = await copyInSlices(view)
  expect(copy).toBeInstanceOf(Float64Array)
  expect(isEqual(copy, view)).toBe(true)
  expect(copy.buffer).not.toBe(view.buffer)
})

test('keeps the kind of the array', async () => {
  const copy = await copyInSlices(typedArray('int64', 400_000))
  expect(copy).toBeInstanceOf(BigInt64Array)
  expect(isEqual(copy, new BigInt64Array(400_000))).toBe(true)
})

test('joins parts, of which some are empty', async () => {
  const parts = [Uint8Array.of(1, 2), new Uint8Array(0), new Uint8Array(3_000_000).fill(7), Uint8Array.of(3)]
  const joined = await joinInSlices(parts)
  expect(joined.length).toBe(3_000_003)
  expect([...joined.subarray(0, 3), ...joined.subarray(-2)]).toEqual([1, 2, 7, 7, 3])
})
