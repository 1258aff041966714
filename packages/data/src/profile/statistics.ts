/**
 * `profile/`: what a table holds, how its columns hang together, and what is wrong with it as data to learn from. It knows tables;
 * numbers are here, and the page and the text that show them draw what they are given.
 */

/** Pearson's r over the pairs in which both are finite; NaN where one of them does not vary. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let [n, sumX, sumY] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number]
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue
    n += 1
    sumX += a
    sumY += b
  }
  if (n < 2) return Number.NaN
  const [meanX, meanY] = [sumX / n, sumY / n]
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number]
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue
    xy += (a - meanX) * (b - meanY)
    xx += (a - meanX) ** 2
    yy += (b - meanY) ** 2
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : Number.NaN
}

/** Numbers, and the places of those that are finite from the least to the greatest. */
export interface Ordered {
  readonly values: ArrayLike<number>
  readonly order: Uint32Array
}

export function ordered(values: ArrayLike<number>): Ordered {
  const finite = Array.from({ length: values.length }, (_, i) => i).filter((i) => Number.isFinite(values[i]))
  const order = Uint32Array.from(finite).sort((a, b) => (values[a] as number) - (values[b] as number))
  return { values, order }
}

/** Ranks from 1 among the places where another number is finite too, NaN elsewhere; equal values share the mean of theirs. */
function ranks({ values, order }: Ordered, { values: other }: Ordered): Float64Array {
  const ranked = new Float64Array(values.length).fill(Number.NaN)
  const places = order.filter((i) => Number.isFinite(other[i]))
  for (let start = 0; start < places.length; ) {
    let end = start + 1
    while (end < places.length && values[places[end] as number] === values[places[start] as number]) end += 1
    for (let i = start; i < end; i++) ranked[places[i] as number] = (start + end + 1) / 2
    start = end
  }
  return ranked
}

/** Spearman's ρ: Pearson's r of ranks, over the pairs in which both are finite. */
export const spearman = (x: Ordered, y: Ordered): number => pearson(ranks(x, y), ranks(y, x))

/** Whole numbers that stand for values; −1 for a missing one. */
export interface Codes {
  readonly codes: Int32Array
  /** How many values there are. */
  readonly size: number
}

/** Counts of pairs in which both are there, row by row. */
function contingency(a: Codes, b: Codes): { readonly counts: Float64Array; readonly n: number } {
  const counts = new Float64Array(a.size * b.size)
  let n = 0
  for (let i = 0; i < a.codes.length; i++) {
    const [row, column] = [a.codes[i] as number, b.codes[i] as number]
    if (row < 0 || column < 0) continue
    counts[row * b.size + column] = (counts[row * b.size + column] as number) + 1
    n += 1
  }
  return { counts, n }
}

function margins(counts: Float64Array, rows: number, columns: number): readonly [Float64Array, Float64Array] {
  const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(columns)]
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const count = counts[i * columns + j] as number
      byRow[i] = (byRow[i] as number) + count
      byColumn[j] = (byColumn[j] as number) + count
    }
  return [byRow, byColumn]
}

/** χ² of a table of counts against independence, without Yates' correction; rows and columns without counts do not count. */
export function chiSquare(
  counts: Float64Array,
  rows: number,
  columns: number,
): { readonly statistic: number; readonly freedom: number; readonly n: number; readonly least: number } {
  const [byRow, byColumn] = margins(counts, rows, columns)
  const n = byRow.reduce((sum, count) => sum + count, 0)
  let statistic = 0
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const expected = ((byRow[i] as number) * (byColumn[j] as number)) / n
      if (expected > 0) statistic += ((counts[i * columns + j] as number) - expected) ** 2 / expected
    }
  const filled = (margin: Float64Array): number => margin.filter((count) => count > 0).length
  const [r, c] = [filled(byRow), filled(byColumn)]
  return { statistic, freedom: (r - 1) * (c - 1), n, least: Math.min(r, c) }
}

/** Cramér's V, from 0 to 1 (H. Cramér, Mathematical Methods of Statistics, 1946), without correction of bias; NaN where one does not vary. */
export function cramersV(a: Codes, b: Codes): number {
  const { counts } = contingency(a, b)
  const { statistic, n, least } = chiSquare(counts, a.size, b.size)
  return least > 1 ? Math.sqrt(statistic / (n * (least - 1))) : Number.NaN
}

/** Mutual information in nats, and its share of the smaller entropy: 1 where one column says the other. */
export function mutualInformation(a: Codes, b: Codes): { readonly nats: number; readonly share: number } {
  const { counts, n } = contingency(a, b)
  const [byRow, byColumn] = margins(counts, a.size, b.size)
  let nats = 0
  for (let i = 0; i < a.size; i++)
    for (let j = 0; j < b.size; j++) {
      const count = counts[i * b.size + j] as number
      if (count > 0)
        nats += (count / n) * Math.log((count * n) / ((byRow[i] as number) * (byColumn[j] as number)))
    }
  const entropy = (margin: Float64Array): number =>
    margin.reduce((sum, count) => (count > 0 ? sum - (count / n) * Math.log(count / n) : sum), 0)
  const smaller = Math.min(entropy(byRow), entropy(byColumn))
  return {
    nats: Math.max(0, nats),
    share: smaller > 0 ? Math.min(1, Math.max(0, nats) / smaller) : Number.NaN,
  }
}

/** The correlation ratio η (Pearson, 1905): the root of the share of a number's variance that lies between categories. */
export function correlationRatio(categories: Codes, values: ArrayLike<number>): number {
  const [sums, counts] = [new Float64Array(categories.size), new Float64Array(categories.size)]
  let [total, n] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const [code, value] = [categories.codes[i] as number, values[i] as number]
    if (code < 0 || !Number.isFinite(value)) continue
    sums[code] = (sums[code] as number) + value
    counts[code] = (counts[code] as number) + 1
    total += value
    n += 1
  }
  const mean = total / n
  let [between, all] = [0, 0]
  for (let code = 0; code < categories.size; code++) {
    const count = counts[code] as number
    if (count > 0) between += count * ((sums[code] as number) / count - mean) ** 2
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if ((categories.codes[i] as number) >= 0 && Number.isFinite(value)) all += (value - mean) ** 2
  }
  return all > 0 ? Math.sqrt(Math.min(1, between / all)) : Number.NaN
}

/** Quantile with linear interpolation, as NumPy's default. @param sorted from the least on. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] as number
  return low + (place - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - low)
}

/** Kolmogorov and Smirnov's greatest distance between two distributions, and its asymptotic probability (two-sided). */
export function kolmogorovSmirnov(
  x: readonly number[],
  y: readonly number[],
): { readonly statistic: number; readonly p: number } {
  const a = Float64Array.from(x).sort()
  const b = Float64Array.from(y).sort()
  let [i, j, statistic] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number)
    while (i < a.length && a[i] === value) i += 1
    while (j < b.length && b[j] === value) j += 1
    statistic = Math.max(statistic, Math.abs(i / a.length - j / b.length))
  }
  const n = (a.length * b.length) / (a.length + b.length)
  return { statistic, p: kolmogorov(Math.sqrt(n) * statistic) }
}

/** Kolmogorov's Q(λ) = 2 Σ (−1)^(k−1) exp(−2 k² λ²); near 0 the theta function's other form converges (Marsaglia, Tsang & Wang 2003). */
export function kolmogorov(lambda: number): number {
  if (!(lambda > 0)) return 1
  let sum = 0
  if (lambda < 1.18) {
    const factor = Math.sqrt(2 * Math.PI) / lambda
    for (let k = 1; k <= 20; k++)
      sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * lambda * lambda))
    return Math.max(0, Math.min(1, 1 - factor * sum))
  }
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda)
  return Math.max(0, Math.min(1, sum))
}

/** The probability of a χ² at least so great. */
export const chiSquareTail = (statistic: number, freedom: number): number =>
  freedom < 1 ? 1 : upperGamma(freedom / 2, statistic / 2)

/** The regularised upper incomplete gamma function Q(a, x): by series below a + 1, by continued fraction above (Press et al., Numerical Recipes, 6.2). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a))
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a]
    for (let n = 1; n < 1000 && Math.abs(term) > Math.abs(sum) * 1e-16; n++) {
      term *= x / (a + n)
      sum += term
    }
    return Math.max(0, 1 - sum * scale)
  }
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let h = d
  for (let i = 1; i < 1000; i++) {
    const an = -i * (i - a)
    b += 2
    d = an * d + b
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return scale * h
}

/** Lanczos' approximation with g = 7 and nine terms. */
function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z)
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const x = z - 1
  const sum = terms.reduce((all, term, i) => (i === 0 ? term : all + term / (x + i)), 0)
  const t = x + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * The population stability index Σ (p − q) ln(p / q) over bins; a share of nothing counts as 10⁻⁴, so that it stays finite. Below 0.1
 * little has changed, above 0.25 much.
 */
export function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
  const [n, m] = [total(before), total(now)]
  if (n === 0 || m === 0) return Number.NaN
  return before.reduce((sum, count, i) => {
    const p = Math.max(count / n, 1e-4)
    const q = Math.max((now[i] ?? 0) / m, 1e-4)
    return sum + (q - p) * Math.log(q / p)
  }, 0)
}
