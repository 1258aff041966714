import { leastSquares, seasonalPhases } from './decomposition.ts'
import type { EtsForm, EtsState } from './ets-state.ts'

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/** 1, 2, 3, … */
const counting = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i + 1)

/**
 * Where the search of a model begins: a season by decomposition (of less than three seasons, a wave), and a line through the first values
 * without it (Hyndman and Khandakar, "Automatic time series forecasting", 2008, 2.3; in the details as statsforecast).
 *
 * Of the season's phases all but the first are free, since together they are 0 (or as many as they are).
 */
export function startingState(values: Float64Array, { trend, season }: EtsForm, period: number): EtsState {
  const seasonal = season === 'N' ? undefined : seasonOf(values, season, period)
  const phases =
    seasonal === undefined ? new Float64Array(0) : startingPhases(seasonal, season as 'A' | 'M', period)
  const adjusted =
    seasonal === undefined
      ? values
      : values.map((value, t) =>
          season === 'A' ? value - (seasonal[t] as number) : value / Math.max(seasonal[t] as number, 1e-2),
        )
  const length = Math.min(Math.max(10, season === 'N' ? 2 : 2 * period), adjusted.length)
  const first = adjusted.subarray(0, length)
  if (trend === 'N') return { level: sumOf(first) / length, slope: 0, phases }
  const [level = 0, slope = 0] = leastSquares([new Float64Array(length).fill(1), counting(length)], first)
  // Errors that are multiplied would be divided by the first expectation.
  return Math.abs(level + slope) < 1e-8
    ? { level: level * (1 + 1e-3), slope: slope * (1 - 1e-3), phases }
    : { level, slope, phases }
}

/** The season's part of each value. */
function seasonOf(values: Float64Array, kind: 'A' | 'M', period: number): Float64Array {
  const n = values.length
  if (n >= 3 * period) {
    const phases = seasonalPhases(values, period, kind)
    return values.map((_, t) => phases[t % period] as number)
  }
  const times = counting(n)
  const waves = (of: (angle: number) => number): Float64Array =>
    times.map((t) => of((2 * Math.PI * t) / period))
  const columns = [
    new Float64Array(n).fill(1),
    times,
    waves(Math.cos),
    ...(period > 2 ? [waves(Math.sin)] : []),
  ]
  const [level = 0, slope = 0] = leastSquares(columns, values)
  return values.map((value, t) => {
    const line = level + slope * (t + 1)
    return kind === 'A' ? value - line : value / line
  })
}

function startingPhases(seasonal: Float64Array, kind: 'A' | 'M', period: number): Float64Array {
  let free = seasonal.slice(1, period)
  if (kind === 'M') {
    free = free.map((value) => Math.max(value, 1e-2))
    if (sumOf(free) > period) {
      const all = sumOf(free) + 1e-2 * free.length
      free = free.map((value) => value / all)
    }
  }
  return withFirstPhase(free, kind)
}

/** Phases of which the first follows from the others. */
export function withFirstPhase(free: ArrayLike<number>, kind: 'A' | 'M'): Float64Array {
  const phases = new Float64Array(free.length + 1)
  phases.set(free, 1)
  phases[0] = (kind === 'M' ? phases.length : 0) - sumOf(phases)
  return phases
}
