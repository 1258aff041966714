import { expect, it } from 'vitest'
import { dtypes } from './dtype.ts'
import { unwrittenArray } from './unwritten.ts'

it('has the kind, the length and memory of its own, small and large', () => {
  for (const dtype of dtypes)
    for (const length of [0, 1, 1000, 70_001]) {
      const [one, other] = [unwrittenArray(dtype, length), unwrittenArray(dtype, length)]
      expect(one.length).toBe(length)
      expect(one.byteOffset).toBe(0)
      expect(one.buffer.byteLength).toBe(one.byteLength)
      expect(other.buffer).not.toBe(one.buffer)
    }
})

it('is marked in tests, so that a number that was never written is none', () => {
  expect([...new Set(unwrittenArray('float32', 70_001))]).toEqual([Number.NaN])
  expect([...new Set(unwrittenArray('float64', 3))]).toEqual([Number.NaN])
})
