import type { Quantiles } from '../baselines/baseline.ts'

/** Quantiles that were forecast, and what came. */
export interface KnownForecast {
  readonly actual: Float64Array
  readonly quantiles: Quantiles
  /** The size of the series' changes. */
  readonly scale: number
}

/** What offsets are multiples of: the spread of a step's quantiles, and a part of the scale where they do not spread. */
const spreadOf = (quantiles: Quantiles, scale: number, k: number): number =>
  (quantiles.at(-1)?.[k] as number) - (quantiles[0]?.[k] as number) + 0.1 * scale

/**
 * By how much quantiles have to be moved so that as many values lie below them as they say, on windows that models have not learned from
 * (conformalised quantile regression with a side for each quantile: Romano, Patterson and Candès 2019, theorem 2): of the distances
 * (y − q) / spread the quantile of the level, with the correction for their number. The middle stays, and
 * none moves towards it.
 *
 * @returns an offset for each level, in spreads; 0 where windows are too few to tell.
 */
export function conformalOffsets(known: readonly KnownForecast[], levels: readonly number[]): number[] {
  return levels.map((level, i) => {
    if (level === 0.5) return 0
    const distances = known.flatMap(({ actual, quantiles, scale }) =>
      Array.from(
        actual,
        (value, k) => (value - (quantiles[i]?.[k] as number)) / spreadOf(quantiles, scale, k),
      ),
    )
    const n = distances.length
    // Of n + 1 values, the one to come among them, as large a share: rounded outwards.
    const rank = level > 0.5 ? Math.ceil((n + 1) * level) : Math.floor((n + 1) * level)
    const moved = Float64Array.from(distances).sort()[rank - 1] ?? 0
    // Windows of few origins have much in common, so that they widen quantiles alone.
    return level > 0.5 ? Math.max(0, moved) : Math.min(0, moved)
  })
}

/** Quantiles that were moved; then put in order, so that they do not cross (Chernozhukov, Fernández-Val and Galichon 2010). */
export function conformed(quantiles: Quantiles, offsets: readonly number[], scale: number): Float64Array[] {
  const moved = quantiles.map((of, i) =>
    of.map((value, k) => value + (offsets[i] as number) * spreadOf(quantiles, scale, k)),
  )
  const [first] = moved
  first?.forEach((_, k) => {
    const sorted = moved.map((of) => of[k] as number).sort((a, b) => a - b)
    moved.forEach((of, i) => {
      of[k] = sorted[i] as number
    })
  })
  return moved
}
