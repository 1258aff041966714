import { ArgumentError } from 'typegrad/core'

/** What values are: names, places in an order, numbers whose differences count, or numbers whose proportions count. */
export type AlphaLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio'

export interface AlphaOptions {
  /** What the values are. Default `'nominal'`. */
  readonly level?: AlphaLevel
}

/** Squared distance of values c and k of a sorted list, of which `counts` says how often each stands in pairs. */
const distances: Readonly<
  Record<
    AlphaLevel,
    (c: number, k: number, values: readonly (string | number)[], counts: Float64Array) => number
  >
> = {
  nominal: (c, k) => (c === k ? 0 : 1),
  ordinal(c, k, _, counts) {
    let between = 0
    for (let g = Math.min(c, k); g <= Math.max(c, k); g++) between += counts[g] as number
    return (between - ((counts[c] as number) + (counts[k] as number)) / 2) ** 2
  },
  interval: (c, k, values) => (Number(values[c]) - Number(values[k])) ** 2,
  ratio(c, k, values) {
    const [a, b] = [Number(values[c]), Number(values[k])]
    return a + b === 0 ? 0 : ((a - b) / (a + b)) ** 2
  },
}

/**
 * Krippendorff's α of any number of people, who need not have labelled all samples.
 *
 * ```
 * α = 1 − Dₒ / Dₑ      Dₒ the mean distance of two labels of one sample, Dₑ that of two labels of any
 * ```
 *
 * 1 is agreement, 0 chance; NaN where all labels are the same. (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.)
 *
 * @param samples the labels that each sample has; those with fewer than two say nothing. Where the level is not nominal, numbers.
 * @throws ArgumentError where no sample has two labels, or for a level that needs numbers and labels that are none.
 * @example
 * krippendorffAlpha([['a', 'a'], ['b', 'b'], ['a', 'b'], ['a']]).toFixed(3) // '0.444'
 */
export function krippendorffAlpha(
  samples: readonly (readonly (string | number)[])[],
  { level = 'nominal' }: AlphaOptions = {},
): number {
  const paired = samples.filter((labels) => labels.length > 1)
  if (paired.length === 0)
    throw new ArgumentError({
      where: 'krippendorffAlpha',
      expected: 'a sample with two labels or more',
      received: 'none',
    })
  const values = [...new Set(paired.flat())].sort((a, b) => (a < b ? -1 : 1))
  const misfit = level === 'nominal' ? undefined : values.find((value) => typeof value !== 'number')
  if (misfit !== undefined)
    throw new ArgumentError({
      where: 'krippendorffAlpha',
      expected: `numbers, as the level '${level}' has them`,
      received: `'${misfit}'`,
    })
  const places = new Map(values.map((value, i) => [value, i]))
  const size = values.length
  // How often a pair of labels of one sample is (c, k), each sample counted as often as it has labels.
  const coincidences = new Float64Array(size * size)
  for (const labels of paired)
    for (const [i, a] of labels.entries())
      for (const [j, b] of labels.entries()) {
        if (i === j) continue
        const place = (places.get(a) as number) * size + (places.get(b) as number)
        coincidences[place] = (coincidences[place] as number) + 1 / (labels.length - 1)
      }
  const counts = Float64Array.from(values, (_, c) =>
    coincidences.subarray(c * size, (c + 1) * size).reduce((sum, n) => sum + n, 0),
  )
  const total = counts.reduce((sum, n) => sum + n, 0)
  let [observed, expected] = [0, 0]
  for (let c = 0; c < size; c++)
    for (let k = 0; k < size; k++) {
      const distance = distances[level](c, k, values, counts)
      observed += (coincidences[c * size + k] as number) * distance
      expected += (counts[c] as number) * (counts[k] as number) * distance
    }
  return 1 - ((total - 1) * observed) / expected
}
