/**
 * Quantiles of numbers that come in batches, in bounded memory, as Keras's Discretization finds them: values with the
 * weight of what they stand for, in order. Arithmetic is Keras's, in float32 where Keras has it, so that boundaries are
 * the same.
 */
export interface QuantileSummary {
  readonly values: Float32Array
  readonly weights: Float32Array
}

export const emptySummary: QuantileSummary = { values: new Float32Array(), weights: new Float32Array() }

/** About 1/ε values of a batch, at equal distances in their order, each with the weight of that distance. */
export function summarize(batch: Float32Array, epsilon: number): QuantileSummary {
  const sorted = batch.toSorted()
  const step = Math.max(sorted.length / (1 / epsilon), 1)
  const [start, stride] = [Math.trunc(step - 1), Math.trunc(step)]
  const values = sorted.filter((_, i) => i >= start && (i - start) % stride === 0)
  return { values, weights: values.map(() => step) }
}

/** Two summaries as one of about 1/ε values. */
export function mergeSummaries(a: QuantileSummary, b: QuantileSummary, epsilon: number): QuantileSummary {
  const values = Float32Array.of(...a.values, ...b.values)
  const weights = Float32Array.of(...a.weights, ...b.weights)
  const order = Array.from(values.keys()).sort((i, j) => compare(values[i] as number, values[j] as number))
  const inOrder = (from: Float32Array) => Float32Array.from(order, (i) => from[i] as number)
  return compress({ values: inOrder(values), weights: inOrder(weights) }, epsilon)
}

/** NaN comes last, as in NumPy. */
const compare = (a: number, b: number): number =>
  Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || a - b || 0

/** The inner boundaries of so many bins of equal weight. */
export function boundariesOf(summary: QuantileSummary, bins: number): number[] {
  return Array.from(compress(summary, 1 / bins).values.slice(0, -1))
}

/** Values at equal shares of the weight, by straight lines between those that are known. */
function compress(summary: QuantileSummary, epsilon: number): QuantileSummary {
  const { values, weights } = summary
  if (values.length * epsilon < 1) return summary
  const count = Math.ceil(1 / epsilon)
  // arange(0, 1, ε) + ε.
  const shares = Float64Array.from({ length: count }, (_, i) => epsilon + i * epsilon)
  const sums = new Float32Array(weights.length)
  let sum = 0
  for (const [i, weight] of weights.entries()) {
    sum = Math.fround(sum + weight)
    sums[i] = sum
  }
  const shareOf = sums.map((at) => at / sum)
  const bins = shares.map((share) => interpolate(share, shareOf, values))
  const upTo = shares.map((share) => interpolate(share, shareOf, sums))
  return {
    values: Float32Array.from(bins),
    weights: Float32Array.from(upTo, (at, i) => at - (upTo[i - 1] ?? 0)),
  }
}

/** The line through (xs, ys) at `x`; beyond the ends the value there. */
function interpolate(x: number, xs: ArrayLike<number>, ys: ArrayLike<number>): number {
  const last = xs.length - 1
  if (x >= (xs[last] as number)) return ys[last] as number
  if (x < (xs[0] as number)) return ys[0] as number
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((xs[middle] as number) <= x) low = middle
    else high = middle
  }
  const [x0, x1, y0, y1] = [xs[low], xs[low + 1], ys[low], ys[low + 1]] as [number, number, number, number]
  return ((y1 - y0) / (x1 - x0)) * (x - x0) + y0
}
