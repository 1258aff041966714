/**
 * `forecast/judging/`: forecasts of what is known already, from origins that roll: which models are best, how wide their quantiles have to be, and
 * what is reached. It knows series and measures, and nothing of models.
 */
import type { Past } from '../task.ts'

/** Pasts whose futures are known. */
export interface Windows {
  /** The latest, which are judged by alone. */
  readonly judged: readonly Past[]
  /** Earlier ones, by which models are weighted and quantiles widened; they end before what is judged begins. */
  readonly watched: readonly Past[]
  /** Where each series ends for models that learn from all of them while windows are forecast. */
  readonly training: readonly Past[]
}

/** Values that a past has to have: a season and one more, to see it come again. */
const leastValues = (season: number): number => Math.max(4, season + 1)

/** Rolling origins of many series, whose number tells enough, and of few, and how many are few. */
const [usual, most, few] = [3, 5, 30]

/** How many steps origins are apart. */
const strideOf = (horizon: number): number => Math.max(1, Math.round(horizon / 2))

/** Where models that learn from all series stop, of so many values. */
const trainingEnd = (length: number, horizon: number, count: number): number =>
  length - 2 * horizon - Math.max(0, count - 2) * strideOf(horizon)

/** How many rolling origins there are by default: more of few series, as long as half of the longest is left to learn from. */
export function usualWindows(series: readonly Past['series'][], horizon: number): number {
  if (series.length > few) return usual
  const longest = series.reduce((length, { values }) => Math.max(length, values.length), 0)
  let count = most
  while (count > usual && trainingEnd(longest, horizon, count) < longest / 2) count--
  return count
}

/**
 * Rolling origins: the last horizon of each series is judged, and before it so many windows are watched, half a horizon apart. Series that are
 * too short have fewer of them, or none.
 */
export function rollingWindows(
  series: readonly Past['series'][],
  season: number,
  horizon: number,
  count: number,
): Windows {
  const stride = strideOf(horizon)
  const judged: Past[] = []
  const watched: Past[] = []
  const training: Past[] = []
  for (const own of series) {
    const origin = own.values.length - horizon
    if (origin >= leastValues(season)) judged.push({ series: own, end: origin })
    for (let i = 0; i < count - 1; i++) {
      const end = origin - horizon - i * stride
      if (end >= leastValues(season)) watched.push({ series: own, end })
    }
    const end = trainingEnd(own.values.length, horizon, count)
    if (end > 0) training.push({ series: own, end })
  }
  return { judged, watched, training }
}

/** What came behind a past. */
export const futureOf = ({ series, end }: Past, horizon: number): Float64Array =>
  series.values.subarray(end, end + horizon)
