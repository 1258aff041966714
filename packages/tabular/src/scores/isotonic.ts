/** A line through points with which what is predicted becomes what is there, never falling; beyond its ends it is level. */
export interface IsotonicLine {
  /** Ascending. */
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/**
 * Isotonic regression: the never falling steps with the least squares, by pooling neighbours that fall (Barlow et al., "Statistical
 * inference under order restrictions", 1972), and lines between them, as scikit-learn's `IsotonicRegression(out_of_bounds='clip')` has it:
 * equal `x` are one point with their mean, and of a level stretch its ends stay.
 *
 * @param limits between which the line stays: its `y_min` and `y_max`. Default none.
 */
export function isotonicLine(
  x: Float64Array,
  y: Float64Array,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): IsotonicLine {
  const order = Uint32Array.from({ length: x.length }, (_, i) => i).sort(
    (a, b) => (x[a] as number) - (x[b] as number),
  )
  const points: { readonly x: number; sum: number; weight: number }[] = []
  for (const i of order) {
    const last = points.at(-1)
    if (last !== undefined && last.x === x[i]) {
      last.sum += y[i] as number
      last.weight += 1
    } else points.push({ x: x[i] as number, sum: y[i] as number, weight: 1 })
  }
  const pools: { sum: number; weight: number; points: number }[] = []
  for (const { sum, weight } of points) {
    let pool = { sum, weight, points: 1 }
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum / last.weight < pool.sum / pool.weight) break
      pool = {
        sum: pool.sum + last.sum,
        weight: pool.weight + last.weight,
        points: pool.points + last.points,
      }
      pools.pop()
    }
    pools.push(pool)
  }
  const heights = pools.flatMap(({ sum, weight, points: count }) =>
    Array.from({ length: count }, () => Math.min(most, Math.max(least, sum / weight))),
  )
  const kept = points
    .map(({ x }, i) => ({ x, y: heights[i] as number }))
    .filter(
      (point, i) =>
        i === 0 || i === points.length - 1 || heights[i - 1] !== point.y || heights[i + 1] !== point.y,
    )
  return { x: kept.map((point) => point.x), y: kept.map((point) => point.y) }
}

/** The height of the line at each place. */
export function heightsAt({ x, y }: IsotonicLine, places: Float64Array): Float64Array {
  return places.map((place) => {
    let [low, high] = [0, x.length - 1]
    if (place <= (x[low] as number)) return y[low] as number
    if (place >= (x[high] as number)) return y[high] as number
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((x[middle] as number) <= place) low = middle
      else high = middle
    }
    const share = (place - (x[low] as number)) / ((x[high] as number) - (x[low] as number))
    return (y[low] as number) + share * ((y[high] as number) - (y[low] as number))
  })
}
