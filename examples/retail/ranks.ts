/** Ranks from 1 on; equal values share theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i)
  order.sort((a, b) => (values[a] as number) - (values[b] as number))
  const ranks = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to += 1
    for (const i of order.slice(from, to)) ranks[i] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

/** Spearman's correlation: Pearson's of ranks; 0 where all values are the same. */
export function correlationOfRanks(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const centred = [a, b].map((values) => {
    const ranks = ranksOf(values)
    return ranks.map((rank) => rank - (ranks.length + 1) / 2)
  })
  const [x, y] = centred as [Float64Array, Float64Array]
  const sum = (of: (i: number) => number): number => x.reduce((total, _, i) => total + of(i), 0)
  const spread = sum((i) => (x[i] as number) ** 2) * sum((i) => (y[i] as number) ** 2)
  return spread === 0 ? 0 : sum((i) => (x[i] as number) * (y[i] as number)) / Math.sqrt(spread)
}
