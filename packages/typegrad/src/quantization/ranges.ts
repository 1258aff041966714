/** What values of an activation were met, and the range of them that is worth numbers of 8 bits. */
export interface RangeFinder {
  add(values: Float32Array): void
  /** The range, of all that was added. */
  range(): Range
}

export interface Range {
  readonly low: number
  readonly high: number
}

export type CalibrationMethod = 'minMax' | 'percentile' | 'entropy'

export interface RangeOptions {
  readonly method: CalibrationMethod
  /** Of percentiles: the share of values within the range, in percent. */
  readonly percentile: number
  /** Bins of a histogram, which becomes larger with values outside of it. */
  readonly bins: number
}

export const rangeFinder = ({ method, percentile, bins }: RangeOptions): RangeFinder => {
  if (method === 'minMax') return new MinMax()
  return new Histogram(bins, (histogram) =>
    method === 'percentile' ? percentileRange(histogram, percentile) : entropyRange(histogram),
  )
}

class MinMax implements RangeFinder {
  #low = Number.POSITIVE_INFINITY
  #high = Number.NEGATIVE_INFINITY

  add(values: Float32Array): void {
    for (const value of values) {
      if (value < this.#low) this.#low = value
      if (value > this.#high) this.#high = value
    }
  }

  range(): Range {
    return { low: this.#low, high: this.#high }
  }
}

/** Counts of values in equal bins from −threshold to threshold. */
interface Counts {
  readonly counts: Float64Array
  readonly threshold: number
}

/**
 * A histogram as ONNX Runtime's calibration keeps it (onnxruntime.quantization.calibrate, `HistogramCollector`): symmetric
 * about 0, and with more bins of the same width where a later batch has larger values.
 */
class Histogram implements RangeFinder {
  readonly #limits = new MinMax()
  readonly #bins: number
  readonly #choose: (counts: Counts) => Range
  #counts: Counts | undefined

  constructor(bins: number, choose: (counts: Counts) => Range) {
    this.#bins = bins
    this.#choose = choose
  }

  add(values: Float32Array): void {
    this.#limits.add(values)
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const before = this.#counts
    if (before === undefined || before.threshold === 0) {
      const counts = counted(values, this.#bins, largest)
      before?.counts.forEach((count, i) => {
        counts[i] = (counts[i] as number) + count
      })
      this.#counts = { counts, threshold: largest }
      return
    }
    const width = (2 * before.threshold) / before.counts.length
    const added = largest <= before.threshold ? 0 : Math.floor((largest - before.threshold) / width) + 1
    const threshold = before.threshold + added * width
    const counts = counted(values, before.counts.length + 2 * added, threshold)
    before.counts.forEach((count, i) => {
      counts[i + added] = (counts[i + added] as number) + count
    })
    this.#counts = { counts, threshold }
  }

  range(): Range {
    const { low, high } = this.#limits.range()
    const chosen = this.#choose(this.#counts ?? { counts: new Float64Array(this.#bins), threshold: 0 })
    return { low: Math.max(chosen.low, low), high: Math.min(chosen.high, high) }
  }
}

function counted(values: Float32Array, bins: number, threshold: number): Float64Array {
  const counts = new Float64Array(bins)
  for (const value of values) {
    const bin = threshold === 0 ? bins / 2 : Math.floor(((value + threshold) / (2 * threshold)) * bins)
    // The last bin has its upper edge.
    const within = Math.min(bin, bins - 1)
    counts[within] = (counts[within] as number) + 1
  }
  return counts
}

const edgeOf = ({ counts, threshold }: Counts, i: number): number =>
  -threshold + (2 * threshold * i) / counts.length

/** The bins that have the outermost values of a share cut off, half of it on each side. */
function percentileRange(histogram: Counts, percentile: number): Range {
  const { counts } = histogram
  const total = counts.reduce((sum, count) => sum + count, 0)
  const cut = (100 - percentile) / 200
  let [sum, left, right] = [0, -1, -1]
  for (const [i, count] of counts.entries()) {
    sum += count / total
    if (left < 0 && sum >= cut) left = i
    if (right < 0 && sum >= 1 - cut) right = i
  }
  return { low: edgeOf(histogram, left), high: edgeOf(histogram, right < 0 ? counts.length : right) }
}

/** Numbers that a range is judged by: fewer than the 256 of 8 bits, as TensorRT does. */
const levels = 128

/**
 * The range about 0 whose values lose the least information in few bins: with the smallest Kullback–Leibler divergence of the
 * values, those outside of the range moved to its ends, from what they are in `levels` bins.
 *
 * Migacz 2017, "8-bit inference with TensorRT"; counted as onnxruntime.quantization.calibrate counts it.
 */
function entropyRange(histogram: Counts): Range {
  const { counts } = histogram
  const middle = Math.floor(counts.length / 2)
  const before = new Float64Array(counts.length + 1)
  counts.forEach((count, i) => {
    before[i + 1] = (before[i] as number) + count
  })
  let best = { divergence: Number.POSITIVE_INFINITY, low: 0, high: 0 }
  for (let half = levels / 2; half <= middle; half++) {
    const [start, end] = [middle - half, Math.min(middle + half + 1, counts.length)]
    const divergence = lostBy(counts.subarray(start, end), {
      left: before[start] as number,
      right: (before[counts.length] as number) - (before[end] as number),
    })
    // The first of equals, and one at least.
    if (divergence < best.divergence || (half === levels / 2 && !Number.isFinite(divergence)))
      best = { divergence, low: edgeOf(histogram, start), high: edgeOf(histogram, end) }
  }
  return best
}

/** The divergence of bins, with what lies beside them at their ends, from the same in `levels` bins. */
function lostBy(bins: Float64Array, outside: { readonly left: number; readonly right: number }): number {
  const exact = bins.slice()
  exact[0] = (exact[0] as number) + outside.left
  exact[exact.length - 1] = (exact.at(-1) as number) + outside.right
  const merged = Math.floor(bins.length / levels)
  const coarse = new Float64Array(bins.length)
  for (let level = 0; level < levels; level++) {
    const [from, to] = [level * merged, (level + 1) * merged]
    const last = level === levels - 1 ? bins.length : to
    let [sum, met] = [0, 0]
    for (let i = from; i < last; i++) sum += bins[i] as number
    for (let i = from; i < to; i++) if (exact[i] !== 0) met++
    // Whole numbers, as the counts are.
    if (met > 0) coarse.fill(Math.floor(sum / met), from, to)
  }
  return divergence(smoothed(exact), smoothed(coarse))
}

/** Without zeros: each becomes a little, which the others lose. */
function smoothed(counts: Float64Array): Float64Array | undefined {
  const little = 1e-4
  const zeros = counts.reduce((sum, count) => sum + Number(count === 0), 0)
  if (zeros === counts.length) return undefined
  const less = (little * zeros) / (counts.length - zeros)
  return counts.map((count) => (count === 0 ? little : count - less))
}

/** Σ p · log(p / q) of two histograms, made to add up to 1. */
function divergence(p: Float64Array | undefined, q: Float64Array | undefined): number {
  if (p === undefined || q === undefined) return Number.POSITIVE_INFINITY
  const [allP, allQ] = [p, q].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
    number,
    number,
  ]
  return p.reduce((sum, count, i) => {
    const [a, b] = [count / allP, (q[i] as number) / allQ]
    return sum + a * Math.log(a / b)
  }, 0)
}

/** How numbers of 8 bits stand for floats: x ≈ (number − zero) · scale. */
export interface Scale {
  readonly scale: number
  readonly zero: number
}

/**
 * The scale of a range for uint8, from 0 to 255: 0 is exact, and stands in the middle where the range is to be symmetric.
 */
export function scaleOf({ low, high }: Range, isSymmetric: boolean): Scale {
  const largest = Math.max(Math.abs(low), Math.abs(high))
  const [from, to] = isSymmetric ? [-largest, largest] : [Math.min(low, 0), Math.max(high, 0)]
  const scale = (to - from) / 255
  // Too small for a float: all is 0.
  if (scale < 2 ** -126) return { scale: 1, zero: 0 }
  return { scale, zero: isSymmetric ? 128 : rounded((0 - from) / scale) }
}

/** Half to even, as ONNX's QuantizeLinear rounds. */
export function rounded(x: number): number {
  const nearest = Math.round(x)
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest
}
