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
  /** How many values are equal to it, itself among them. */
  readonly equal: number
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
  let candidates = ascending(values.length)
  let below = 0
  for (const { shift, mask } of digits) {
    const { sums, counts } = histogram(bits, candidates, masses, shift, mask)
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
    candidates = withDigit(bits, candidates, counts[chosen] as number, shift, mask, chosen)
  }
  return { value: values[candidates[0] ?? 0] as number, below, equal: candidates.length }
}

function ascending(count: number): Uint32Array {
  const list = new Uint32Array(count)
  for (let i = 0; i < count; i++) list[i] = i
  return list
}

/** Indices of candidates with a digit. */
function withDigit(
  bits: Int32Array,
  candidates: Uint32Array,
  count: number,
  shift: number,
  mask: number,
  chosen: number,
): Uint32Array {
  const kept = new Uint32Array(count)
  for (let j = 0, next = 0; next < count; j++) {
    const i = candidates[j] as number
    if (digitOf(bits[i] as number, shift, mask) === chosen) kept[next++] = i
  }
  return kept
}

/** Some bits of a float32 number, in the order of the numbers: negative ones are turned round. */
const digitOf = (word: number, shift: number, mask: number): number =>
  ((word ^ ((word >> 31) | -0x80000000)) >>> shift) & mask

/** Masses and numbers of the candidates by a digit. */
function histogram(
  bits: Int32Array,
  candidates: Uint32Array,
  masses: Float64Array | undefined,
  shift: number,
  mask: number,
): { readonly sums: Float64Array; readonly counts: Uint32Array } {
  const sums = new Float64Array(mask + 1)
  const counts = new Uint32Array(mask + 1)
  for (let j = 0; j < candidates.length; j++) {
    const i = candidates[j] as number
    const digit = digitOf(bits[i] as number, shift, mask)
    sums[digit] = (sums[digit] as number) + (masses === undefined ? 1 : (masses[i] as number))
    counts[digit] = (counts[digit] as number) + 1
  }
  return { sums, counts }
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
