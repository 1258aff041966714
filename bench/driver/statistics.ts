/** Times of one workload, in milliseconds. */
export interface Timing {
  readonly median: number
  /** Half the distance between the quartiles: how far the middle half of the times lies apart. */
  readonly spread: number
  readonly count: number
}

/** @throws RangeError without times. */
export function summarize(times: readonly number[]): Timing {
  if (times.length === 0) throw new RangeError('summarize: expected at least one time, received none.')
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number]
    return low + (high - low) * (place - Math.floor(place))
  }
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2, count: sorted.length }
}

/** How far apart two lists of numbers are: the largest difference, relative to the expected one (at least 1e-3). */
export function relativeDifference(expected: readonly number[], received: readonly number[]): number {
  if (expected.length !== received.length) return Number.POSITIVE_INFINITY
  const differences = expected.map(
    (value, i) => Math.abs(value - (received[i] as number)) / Math.max(Math.abs(value), 1e-3),
  )
  const largest = Math.max(0, ...differences)
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest
}

/** The exponent of growth between two points of a curve: 1 where time grows as the arithmetic does. */
export const growthExponent = (
  [work0, time0]: readonly [work: number, time: number],
  [work1, time1]: readonly [work: number, time: number],
): number => Math.log(time1 / time0) / Math.log(work1 / work0)
