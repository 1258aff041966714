/** Numbers of bits that one look at all values tells apart. */
const digits = [
  { shift: 21, mask: 0x7ff },
  { shift: 10, mask: 0x7ff },
  { shift: 0, mask: 0x3ff },
] as const

/** Where a walk through values in ascending order stopped. */
export interface Stop {
  readonly value: number
  /** Mass of all values below it. */
  readonly below: number
}

/**
 * Walks through values in ascending order, adding their masses, and says where the sum first satisfies a condition: what
 * sorting and adding up would say, in linear time, by three looks at ever fewer values (radix selection).
 *
 * @param values none of them NaN.
 * @param masses of the values; undefined for 1 each.
 * @param isReached true from some sum on.
 * @returns the largest value where no sum satisfies the condition.
 */
export function walkUp(
  values: Float32Array,
  masses: Float64Array | undefined,
  isReached: (sum: number) => boolean,
): Stop {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  let candidates: Uint32Array | undefined
  let below = 0
  for (const { shift, mask } of digits) {
    const sums = new Float64Array(mask + 1)
    const counts = new Uint32Array(mask + 1)
    const count = candidates === undefined ? values.length : candidates.length
    for (let j = 0; j < count; j++) {
      const i = candidates === undefined ? j : (candidates[j] as number)
      const word = bits[i] as number
      // The bits in the order of the numbers: negative ones are turned round.
      const digit = ((word ^ ((word >> 31) | 0x80000000)) >>> shift) & mask
      sums[digit] = (sums[digit] as number) + (masses === undefined ? 1 : (masses[i] as number))
      counts[digit] = (counts[digit] as number) + 1
    }
    let chosen = 0
    // Where nothing is reached the walk ends at the last digit that there is.
    let before = below
    for (let digit = 0, sum = below; digit <= mask; digit++) {
      if (counts[digit] === 0) continue
      chosen = digit
      before = sum
      sum += sums[digit] as number
      if (isReached(sum)) break
    }
    below = before
    const kept = new Uint32Array(counts[chosen] as number)
    for (let j = 0, next = 0; next < kept.length; j++) {
      const i = candidates === undefined ? j : (candidates[j] as number)
      const word = bits[i] as number
      if ((((word ^ ((word >> 31) | 0x80000000)) >>> shift) & mask) === chosen) kept[next++] = i
    }
    candidates = kept
  }
  return { value: values[candidates?.[0] ?? 0] as number, below }
}

/** A heap of more than this costs more than the walk. */
const largestHeap = 512

/** The k-th largest value, counted from 1; the smallest where there are fewer. */
export function kthLargest(values: Float32Array, k: number): number {
  if (k <= largestHeap && k < values.length) return smallestOfHeap(values, k)
  const before = values.length - Math.min(k, values.length)
  return walkUp(values, undefined, (count) => count > before).value
}

/** The smallest of the k largest values: the top of a heap of them, which most values do not enter. */
function smallestOfHeap(values: Float32Array, k: number): number {
  const heap = values.slice(0, k).sort()
  let least = heap[0] as number
  for (let i = k; i < values.length; i++) {
    const value = values[i] as number
    if (value <= least) continue
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= k) break
      if (child + 1 < k && (heap[child + 1] as number) < (heap[child] as number)) child += 1
      if ((heap[child] as number) >= value) break
      heap[place] = heap[child] as number
      place = child
    }
    heap[place] = value
    least = heap[0] as number
  }
  return least
}
