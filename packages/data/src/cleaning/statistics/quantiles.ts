/**
 * `cleaning/statistics/`: numbers that steps learn of a column, one batch after another. It knows numbers alone.
 */
import { type QuantileLearner, RankSketch } from './rank-sketch.ts'

/** How quantiles are found: of all numbers, which are kept for it, or of a sketch of bounded size. */
export type QuantileMethod = 'exact' | 'sketch'

export const quantileLearner = (method: QuantileMethod): QuantileLearner =>
  method === 'exact' ? new KeptNumbers() : new RankSketch()

/** All numbers, 8 bytes each. */
export class KeptNumbers implements QuantileLearner {
  #values = new Float64Array(1024)
  #count = 0

  add(values: Float64Array): void {
    for (const value of values) {
      if (Number.isNaN(value)) continue
      if (this.#count === this.#values.length) {
        const grown = new Float64Array(2 * this.#count)
        grown.set(this.#values)
        this.#values = grown
      }
      this.#values[this.#count++] = value
    }
  }

  get count(): number {
    return this.#count
  }

  /** In the order in which they came. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#count)
  }

  at(shares: readonly number[]): number[] {
    const sorted = this.values.toSorted()
    return shares.map((share) => quantileOf(sorted, share))
  }
}

/**
 * The quantile of sorted numbers by a straight line between the two that are nearest (type 7 of Hyndman and Fan, "Sample quantiles
 * in statistical packages", 1996; NumPy's default).
 */
export function quantileOf(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = (sorted.length - 1) * share
  const below = Math.floor(at)
  const [a, b] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number]
  const part = at - below
  // From the nearer end, so that equal neighbours give themselves.
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part)
}

/** The mean of the two in the middle, as the median of an even number is. */
export function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
