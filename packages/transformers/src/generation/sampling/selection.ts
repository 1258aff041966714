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
 * @param massOf the mass of the value at an index.
 * @param isReached true from some sum on.
 * @returns the largest value where no sum satisfies the condition.
 */
export function walkUp(
  values: Float32Array,
  massOf: (index: number) => number,
  isReached: (sum: number) => boolean,
): Stop {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  /** Bits in the order of the numbers: negative ones are turned round. */
  const keyOf = (index: number): number => {
    const word = bits[index] as number
    return word >>> 31 === 1 ? ~word >>> 0 : (word | 0x80000000) >>> 0
  }
  let candidates: Uint32Array | undefined
  let below = 0
  for (const { shift, mask } of digits) {
    const masses = new Float64Array(mask + 1)
    const counts = new Uint32Array(mask + 1)
    const count = candidates?.length ?? values.length
    for (let j = 0; j < count; j++) {
      const i = candidates === undefined ? j : (candidates[j] as number)
      const digit = (keyOf(i) >>> shift) & mask
      masses[digit] = (masses[digit] as number) + massOf(i)
      counts[digit] = (counts[digit] as number) + 1
    }
    let chosen = 0
    // Where nothing is reached the walk ends at the last digit that there is.
    let before = below
    for (let digit = 0, sum = below; digit <= mask; digit++) {
      if (counts[digit] === 0) continue
      chosen = digit
      before = sum
      sum += masses[digit] as number
      if (isReached(sum)) break
    }
    below = before
    const kept = new Uint32Array(counts[chosen] as number)
    for (let j = 0, next = 0; j < count; j++) {
      const i = candidates === undefined ? j : (candidates[j] as number)
      if (((keyOf(i) >>> shift) & mask) === chosen) kept[next++] = i
    }
    candidates = kept
  }
  return { value: values[candidates?.[0] ?? 0] as number, below }
}

/** The k-th largest value, counted from 1; the smallest where there are fewer. */
export function kthLargest(values: Float32Array, k: number): number {
  const before = values.length - Math.min(k, values.length)
  return walkUp(
    values,
    () => 1,
    (count) => count > before,
  ).value
}
