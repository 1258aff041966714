import { expect, test } from 'vitest'
import { lengthGroups } from './length-groups.ts'

/** A permutation of 0 … n − 1 that looks random: multiples of a number without a common divisor, modulo n. */
const mixed = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => (i * step) % n)

test('batches are of similar lengths, hold every example once, and come in an order of their own', () => {
  const lengths = mixed(103, 29)
  const batches = lengthGroups(lengths, 8, (length) => length)
  expect(batches.map((batch) => batch.length)).toEqual([...new Array(12).fill(8), 7])
  expect(batches.flat().sort((a, b) => a - b)).toEqual(mixed(103, 1))
  for (const batch of batches) expect(Math.max(...batch) - Math.min(...batch)).toBeLessThan(8)
  const firsts = batches.slice(0, -1).map(([first]) => first)
  expect(firsts).not.toEqual(firsts.toSorted((a = 0, b = 0) => a - b))
  // The order of the batches is that of the examples that begin them: another order of examples, another one of batches.
  expect(firsts).toEqual(lengths.filter((length) => firsts.includes(length)))
})

test('only the examples of fifty batches are sorted together, so that an epoch keeps its order at large', () => {
  const lengths = mixed(1003, 501)
  const batches = lengthGroups(lengths, 4, (length) => length)
  expect(batches).toHaveLength(251)
  for (const half of [0, 1, 2, 3, 4]) {
    const together = batches.slice(50 * half, 50 * (half + 1)).flat()
    expect(together.sort((a, b) => a - b)).toEqual(
      lengths.slice(200 * half, 200 * (half + 1)).sort((a, b) => a - b),
    )
  }
  expect(lengthGroups([], 4, () => 1)).toEqual([])
  expect(lengthGroups([5, 3], 4, (length) => length)).toEqual([[3, 5]])
})
