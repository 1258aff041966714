import { binsPerColumn } from './histogram-code.ts'

/** A column as trees are given it: numbers, or numbers of categories from 0 on. NaN is missing, in both. */
export interface TreeColumn {
  readonly values: ArrayLike<number>
  /** How many categories there are; absent for numbers. */
  readonly categories?: number
}

/** How the values of a column become bins. */
export type ColumnBins =
  | {
      readonly kind: 'number'
      /** Ascending. A value is in the first bin whose threshold it does not exceed, or in the last. */
      readonly thresholds: Float64Array
      readonly count: number
    }
  | {
      readonly kind: 'category'
      /** The number of categories, each of which is a bin. */
      readonly count: number
    }

/** Categories that a column can have: the bins of a byte, but for the one of missing values. */
export const mostCategories = binsPerColumn - 1

/** Values that thresholds are found from; of a longer column as many rows, evenly spread. */
const mostValues = 200_000

/** Thresholds are finite, so that infinite values have a side. */
const largest = 1e300

/**
 * The bins of a column: of few distinct values one each, with thresholds in the middle between them; of more, bins with equally many
 * values, by the quantiles that NumPy calls `averaged_inverted_cdf`. As scikit-learn's `HistGradientBoosting` has them.
 *
 * @param bins at most so many; missing values have one of their own beside these.
 */
export function binsOf({ values, categories }: TreeColumn, bins: number): ColumnBins {
  if (categories !== undefined) return { kind: 'category', count: categories }
  const sorted = sortedValues(values)
  const middles = middlesOf(sorted, bins)
  const thresholds = Float64Array.from(middles ?? quantiles(sorted, bins), (value) =>
    Math.min(value, largest),
  )
  return { kind: 'number', thresholds, count: thresholds.length + 1 }
}

function sortedValues(values: ArrayLike<number>): Float64Array {
  const step = Math.max(1, values.length / mostValues)
  const taken = new Float64Array(Math.min(values.length, mostValues))
  let count = 0
  for (let i = 0; i < taken.length; i++) {
    const value = values[Math.floor(i * step)] as number
    if (!Number.isNaN(value)) taken[count++] = value
  }
  return taken.subarray(0, count).sort()
}

/** Middles between neighbours, where there are at most `most` distinct values. */
function middlesOf(sorted: Float64Array, most: number): Float64Array | undefined {
  const distinct = new Float64Array(most)
  let count = 0
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] as number
    if (count > 0 && distinct[count - 1] === value) continue
    if (count === most) return undefined
    distinct[count++] = value
  }
  return Float64Array.from(
    { length: Math.max(0, count - 1) },
    (_, i) => ((distinct[i] as number) + (distinct[i + 1] as number)) / 2,
  )
}

function quantiles(sorted: Float64Array, bins: number): Float64Array {
  const thresholds = new Float64Array(bins - 1)
  let count = 0
  for (let i = 1; i < bins; i++) {
    // As NumPy rounds it: percentiles first, then shares.
    const place = ((i * (100 / bins)) / 100) * sorted.length
    const whole = Math.floor(place)
    const upper = sorted[whole] as number
    // Where a rank is whole, the inverse of the distribution function jumps there: the middle of both sides.
    const threshold = place > whole ? upper : ((sorted[whole - 1] as number) + upper) / 2
    if (count === 0 || thresholds[count - 1] !== threshold) thresholds[count++] = threshold
  }
  return thresholds.subarray(0, count)
}

/** The bin of missing values: the one behind the others. */
export const missingBin = ({ count }: ColumnBins): number => count

/** Writes the bin of each value. A category that there is not is missing. */
export function writeBins(bins: ColumnBins, values: ArrayLike<number>, into: Uint8Array): void {
  const missing = missingBin(bins)
  if (bins.kind === 'category') {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] as number
      into[row] = value >= 0 && value < bins.count ? value : missing
    }
    return
  }
  const { thresholds } = bins
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number
    into[row] = Number.isNaN(value) ? missing : placeOf(thresholds, value)
  }
}

/** How many thresholds a value exceeds. */
function placeOf(thresholds: Float64Array, value: number): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((thresholds[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
