/** What is minimised, and where. */
export interface SimplexOptions {
  readonly lower: readonly number[]
  readonly upper: readonly number[]
  /** Default 1000. */
  readonly steps?: number
  /** The standard deviation of the simplex's values at which the search ends. Default 1e-4. */
  readonly tolerance?: number
}

export interface Minimum {
  readonly point: Float64Array
  readonly value: number
}

/** How far each corner of the first simplex is from the start, as a share of its coordinate; and of a coordinate that is 0. */
const [shareOfStep, stepFromZero] = [0.05, 1e-4]

/**
 * The minimum of a function of several numbers within bounds, by a simplex that is reflected, expanded, contracted and shrunk (Nelder and
 * Mead 1965), with the coefficients that follow the number of dimensions of Gao and Han, "Implementing the Nelder–Mead simplex algorithm
 * with adaptive parameters", 2012. Points outside the bounds are moved to them. Start, coefficients and end are those of statsforecast.
 */
export function nelderMead(
  objective: (point: Float64Array) => number,
  start: readonly number[],
  { lower, upper, steps = 1000, tolerance = 1e-4 }: SimplexOptions,
): Minimum {
  const n = start.length
  const [expansion, contraction, shrinkage] = [1 + 2 / n, 0.75 - 1 / (2 * n), 1 - 1 / n]
  const within = (value: number, i: number): number =>
    Math.min(Math.max(value, lower[i] as number), upper[i] as number)
  const first = Float64Array.from(start, within)
  const simplex: Float64Array[] = [
    first,
    ...start.map((_, i) => {
      const corner = Float64Array.from(first)
      const own = corner[i] as number
      corner[i] = within(own === 0 ? stepFromZero : own * (1 + shareOfStep), i)
      return corner
    }),
  ]
  const values = Float64Array.from(simplex, objective)
  const centre = new Float64Array(n)
  /** centre + by · (point − centre), within the bounds. */
  const along = (point: Float64Array, by: number): Float64Array =>
    point.map((value, i) => within((centre[i] as number) + by * (value - (centre[i] as number)), i))
  for (let step = 0; step < steps; step++) {
    if (deviation(values) < tolerance) break
    let [best, worst] = [0, 0]
    for (let i = 1; i <= n; i++) {
      if ((values[i] as number) < (values[best] as number)) best = i
      if ((values[i] as number) >= (values[worst] as number)) worst = i
    }
    const worstValue = values[worst] as number
    let secondWorst = -Infinity
    values.forEach((value, i) => {
      if (i !== worst && value > secondWorst) secondWorst = value
    })
    centre.fill(0)
    for (const [i, corner] of simplex.entries())
      if (i !== worst)
        for (let j = 0; j < n; j++) centre[j] = (centre[j] as number) + (corner[j] as number) / n
    const replaceWorst = (point: Float64Array, value: number): void => {
      simplex[worst] = point
      values[worst] = value
    }
    const reflected = along(simplex[worst] as Float64Array, -1)
    const reflectedValue = objective(reflected)
    if (reflectedValue >= (values[best] as number) && reflectedValue < secondWorst) {
      replaceWorst(reflected, reflectedValue)
      continue
    }
    if (reflectedValue < (values[best] as number)) {
      const expanded = along(reflected, expansion)
      const value = objective(expanded)
      if (value < reflectedValue) replaceWorst(expanded, value)
      else replaceWorst(reflected, reflectedValue)
      continue
    }
    const isOutside = reflectedValue < worstValue
    const contracted = along(reflected, isOutside ? contraction : -contraction)
    const value = objective(contracted)
    if (isOutside ? value <= reflectedValue : value < worstValue) {
      replaceWorst(contracted, value)
      continue
    }
    const kept = simplex[best] as Float64Array
    for (const [i, corner] of simplex.entries()) {
      if (i === best) continue
      const moved = corner.map((own, j) =>
        within((kept[j] as number) + shrinkage * (own - (kept[j] as number)), j),
      )
      simplex[i] = moved
      values[i] = objective(moved)
    }
  }
  let best = 0
  for (let i = 1; i <= n; i++) if ((values[i] as number) < (values[best] as number)) best = i
  return { point: simplex[best] as Float64Array, value: values[best] as number }
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
