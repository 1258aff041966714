import { ArgumentError } from 'typegrad/core'

/** The ends of each feature's bins, ascending: at least two, which are one bin. */
export type BinEdges = readonly (readonly number[])[]

/**
 * Bins with as many rows each as can be: the quantiles of each column, equal ones once (Gorishniy et al. 2022, section 3.2.1,
 * https://arxiv.org/abs/2203.05556).
 *
 * @param columns numbers of each feature; those that are not finite are left out.
 * @param count the most bins of a feature; the paper's package takes 48.
 * @returns edges of each feature: one bin around its only value for a feature without two.
 * @example
 * const bins = quantileBins([[1, 2, 3, 4, 5]], 2) // [[1, 3, 5]]
 */
export function quantileBins(columns: readonly ArrayLike<number>[], count: number): BinEdges {
  return columns.map((column) => {
    const sorted = Float64Array.from(column).filter(Number.isFinite).sort()
    const last = sorted.length - 1
    if (last < 0) return [0, 1]
    const edges = new Set<number>()
    for (let i = 0; i <= count; i++) {
      const at = (i / count) * last
      const below = Math.floor(at)
      const [a, b] = [sorted[below] as number, sorted[Math.min(last, below + 1)] as number]
      edges.add(short(a + (at - below) * (b - a)))
    }
    const [first = 0] = edges
    return edges.size > 1 ? [...edges] : [first, first + 1]
  })
}

/** As many digits as float32 has: edges are compared in it, and kept in configurations. */
const short = (value: number): number => Number(Math.fround(value).toPrecision(9))

/** @throws ArgumentError for edges that are no bins, by feature. */
export function checkBins(where: string, bins: BinEdges): void {
  const wrong = bins.findIndex(
    (edges) =>
      !Array.isArray(edges) ||
      edges.length < 2 ||
      !edges.every((edge, i) => Number.isFinite(edge) && edge > (edges[i - 1] ?? Number.NEGATIVE_INFINITY)),
  )
  if (bins.length > 0 && wrong < 0) return
  throw new ArgumentError({
    where: `${where}: bins`,
    expected: 'for each feature at least two ascending edges, as quantileBins gives them',
    received: wrong < 0 ? 'none' : `${JSON.stringify(bins[wrong])} for feature ${wrong}`,
  })
}
