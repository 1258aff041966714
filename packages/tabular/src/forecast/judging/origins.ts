import { normalQuantile } from '../baselines/baseline.ts'
import type { KnownForecast } from './known-forecast.ts'
import { studentQuantile } from './student.ts'

/** Errors further from the middle than so many deviations count as so far: a few wild series do not tell what origins have in common. */
const furthest = 4

/**
 * By what quantiles are to be multiplied, from the middle, since errors of one origin have much in common: what moves all series at once, and a
 * level that was wrong for all steps. Thousands of errors of three origins then tell little more than three do.
 *
 * Errors, in deviations of their forecasts, are split into what an origin has in common and the rest (one-way analysis of variance: ρ is the
 * share of the former in the variance, the intraclass correlation). The rest is known well. Of the former there are K draws, one for
 * each origin that overlaps no other, of which the next one is foretold by Student's t: its variance is that of a normal one times
 * (1 + 1/K) (t_{K−1} / z)². So of a level the factor is √(1 − ρ + ρ (1 + 1/K) (t / z)²).
 *
 * @returns a factor for each level, at least 1; 1 where there is one origin alone, which tells nothing of others.
 */
export function originFactors(
  known: readonly KnownForecast[],
  levels: readonly number[],
  horizon: number,
): number[] {
  const share = sharedByOrigin(errorsByOrigin(known, levels))
  const count = separateOrigins(
    known.map(({ origin }) => origin),
    horizon,
  )
  const [freedom, next] = [Math.max(1, count - 1), 1 + 1 / count]
  return levels.map((level) => {
    if (level === 0.5 || share === 0) return 1
    const ratio = studentQuantile(level, freedom) / normalQuantile(level)
    return Math.sqrt(Math.max(1, 1 - share + share * next * ratio * ratio))
  })
}

/** How many horizons long the time is that windows cover: how many of them do not overlap, and a part for one that does. */
export function separateOrigins(origins: readonly number[], horizon: number): number {
  const sorted = [...new Set(origins)].sort((a, b) => a - b)
  return sorted.reduce(
    (sum, origin, i) => sum + (i === 0 ? 1 : Math.min(1, (origin - (sorted[i - 1] as number)) / horizon)),
    0,
  )
}

/** Errors of each origin, from the middle, in deviations that the outermost quantiles say. */
function errorsByOrigin(known: readonly KnownForecast[], levels: readonly number[]): number[][] {
  const middle = levels.indexOf(0.5)
  const [low, high] = [levels[0] as number, levels.at(-1) as number]
  const deviations = normalQuantile(high) - normalQuantile(low)
  const found = new Map<number, number[]>()
  for (const { origin, actual, quantiles } of known) {
    const own = found.get(origin) ?? []
    found.set(origin, own)
    actual.forEach((value, k) => {
      const spread = (quantiles.at(-1)?.[k] as number) - (quantiles[0]?.[k] as number)
      const error = (value - (quantiles[middle]?.[k] as number)) / (spread / deviations)
      if (!Number.isNaN(error)) own.push(Math.min(Math.max(error, -furthest), furthest))
    })
  }
  return [...found.values()].filter(({ length }) => length > 0)
}

/** The share of the variance that groups have in common, by analysis of variance; 0 of one group. */
export function sharedByOrigin(groups: readonly (readonly number[])[]): number {
  const all = groups.flat()
  const within = all.length - groups.length
  if (groups.length < 2 || within < 1) return 0
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [overall, means] = [mean(all), groups.map(mean)]
  const between =
    groups.reduce((sum, { length }, i) => sum + length * ((means[i] as number) - overall) ** 2, 0) /
    (groups.length - 1)
  const rest =
    groups.reduce(
      (sum, group, i) => sum + group.reduce((own, value) => own + (value - (means[i] as number)) ** 2, 0),
      0,
    ) / within
  // Of groups of one size, that size.
  const size =
    (all.length - groups.reduce((sum, { length }) => sum + length * length, 0) / all.length) /
    (groups.length - 1)
  const shared = Math.max(0, (between - rest) / size)
  return shared === 0 ? 0 : shared / (shared + rest)
}
