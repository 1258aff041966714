/**
 * The seasonal part of a series by classical decomposition: what is left beside a centred moving average, averaged over each phase of the
 * season, so that it is 0 (or 1) on the mean. As `seasonal_decompose` of statsmodels; Hyndman and Athanasopoulos, "Forecasting: Principles
 * and Practice", 3.4.
 *
 * @param season at least 2, with two whole seasons in the values.
 * @returns a value for each phase, of which the first belongs to the first value of the series.
 */
export function seasonalPhases(values: Float64Array, season: number, kind: 'A' | 'M'): Float64Array {
  const half = Math.floor(season / 2)
  const isEven = season % 2 === 0
  const sums = new Float64Array(season)
  const counts = new Float64Array(season)
  for (let t = half; t < values.length - half; t++) {
    let trend = 0
    for (let k = -half; k <= half; k++) {
      const weight = isEven && Math.abs(k) === half ? 0.5 : 1
      trend += weight * (values[t + k] as number)
    }
    trend /= season
    const value = values[t] as number
    const phase = t % season
    sums[phase] = (sums[phase] as number) + (kind === 'A' ? value - trend : value / trend)
    counts[phase] = (counts[phase] as number) + 1
  }
  const means = sums.map((sum, phase) => sum / (counts[phase] as number))
  const mean = means.reduce((sum, value) => sum + value, 0) / season
  return means.map((value) => (kind === 'A' ? value - mean : value / mean))
}

/** Coefficients of the columns that come nearest to the values in squares, by the normal equations; for a few columns. */
export function leastSquares(columns: readonly Float64Array[], values: Float64Array): number[] {
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)
  const rows = columns.map((a) => [...columns.map((b) => dot(a, b)), dot(a, values)])
  const size = columns.length
  const at = (row: number, column: number): number => rows[row]?.[column] as number
  for (let i = 0; i < size; i++) {
    let pivot = i
    for (let row = i + 1; row < size; row++) if (Math.abs(at(row, i)) > Math.abs(at(pivot, i))) pivot = row
    ;[rows[i], rows[pivot]] = [rows[pivot] as number[], rows[i] as number[]]
    for (let row = 0; row < size; row++) {
      if (row === i) continue
      const factor = at(row, i) / at(i, i)
      for (let column = i; column <= size; column++)
        (rows[row] as number[])[column] = at(row, column) - factor * at(i, column)
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number))
}
