import type { Quantiles } from '../baselines/baseline.ts'
import type { KnownForecast } from './known-forecast.ts'
import { originFactors } from './origins.ts'

/** How quantiles are widened, for each level. */
export interface Widening {
  /** By how much they are moved away from the middle, in what the outermost reach. */
  readonly offsets: readonly number[]
  /** What their distance from the middle is multiplied by then. */
  readonly factors: readonly number[]
}

/** By how much quantiles have to be widened, after what came behind windows that models have not learned from. */
export const wideningOf = (
  known: readonly KnownForecast[],
  levels: readonly number[],
  horizon: number,
): Widening => ({
  offsets: conformalOffsets(known, levels),
  factors: originFactors(known, levels, horizon),
})

/** How far quantiles reach on either side of the middle, and a part of the scale; where levels are on one side alone, as far on the other. */
function reachOf(
  quantiles: Quantiles,
  middle: number,
  scale: number,
  k: number,
): { up: number; down: number } {
  const at = (i: number): number => quantiles[i]?.[k] as number
  const last = quantiles.length - 1
  const [up, down] = [at(last) - at(middle), at(middle) - at(0)]
  const least = 0.05 * scale
  return { up: (middle < last ? up : down) + least, down: (middle > 0 ? down : up) + least }
}

/**
 * By how much quantiles have to be moved away from the middle so that they hold as many values as they say, on windows that models have not
 * learned from (split conformal prediction: Romano, Patterson and Candès 2019): of the distances |y − middle| / reach − |q − middle| / reach, of
 * values on both sides, the quantile of |2 level − 1|, with the correction for their number. Both sides are widened alike, since errors of few
 * origins are often all of one sign, which says nothing of the next; and quantiles are never narrowed.
 *
 * @returns an offset for each level, at least 0, in reaches.
 */
export function conformalOffsets(known: readonly KnownForecast[], levels: readonly number[]): number[] {
  const middle = levels.indexOf(0.5)
  return levels.map((level, i) => {
    if (level === 0.5) return 0
    const distances = known.flatMap(({ actual, quantiles, scale }) =>
      Array.from(actual, (value, k) => {
        const { up, down } = reachOf(quantiles, middle, scale, k)
        const from = quantiles[middle]?.[k] as number
        const own = Math.abs((quantiles[i]?.[k] as number) - from) / (level > 0.5 ? up : down)
        return Math.abs(value - from) / (value > from ? up : down) - own
      }),
    )
    const n = distances.length
    // Of n + 1 values, the one to come among them, as large a share: rounded outwards, and all of them where they are few.
    const rank = Math.min(n, Math.ceil((n + 1) * Math.abs(2 * level - 1)))
    return Math.max(0, Float64Array.from(distances).sort()[rank - 1] ?? 0)
  })
}

/** Quantiles that were widened; then put in order, so that they do not cross (Chernozhukov, Fernández-Val and Galichon 2010). */
export function conformed(
  quantiles: Quantiles,
  { offsets, factors }: Widening,
  levels: readonly number[],
  scale: number,
): Float64Array[] {
  const middle = levels.indexOf(0.5)
  const widened = quantiles.map((of, i) =>
    of.map((value, k) => {
      if (i === middle) return value
      const { up, down } = reachOf(quantiles, middle, scale, k)
      const from = quantiles[middle]?.[k] as number
      const moved = (offsets[i] as number) * (i > middle ? up : -down)
      return from + (value - from + moved) * (factors[i] as number)
    }),
  )
  const [first] = widened
  first?.forEach((_, k) => {
    const sorted = widened.map((of) => of[k] as number).sort((a, b) => a - b)
    widened.forEach((of, i) => {
      of[k] = sorted[i] as number
    })
  })
  return widened
}
