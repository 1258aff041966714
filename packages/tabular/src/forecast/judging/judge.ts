import { blended } from '../../scores/blend.ts'
import type { Quantiles } from '../baselines/baseline.ts'
import type { CandidateName } from '../names.ts'
import type { ForecastCandidateReport } from '../report.ts'
import { scaleOf } from '../series/series.ts'
import type { ForecastTask, Past } from '../task.ts'
import { conformed, type Widening, wideningOf } from './conformal.ts'
import type { KnownForecast } from './known-forecast.ts'
import { type ForecastScore, scoresOf } from './score.ts'
import { priorWeights, windowLosses, windowWeights } from './weights.ts'
import { futureOf, type Windows } from './windows.ts'

/** What a model forecast of windows, in their order. */
export interface TriedCandidate {
  readonly name: CandidateName
  readonly watched: readonly Quantiles[]
  readonly judged: readonly Quantiles[]
}

export interface Judgement {
  /** A weight for each model, 1 together, from all windows. */
  readonly weights: readonly number[]
  /** How quantiles are widened, from all windows. */
  readonly widening: Widening
  readonly scores: readonly ForecastScore[]
  readonly candidates: readonly ForecastCandidateReport[]
}

/**
 * Weights models by what they reach on the watched windows, widens the quantiles of their mean by these, and judges it on the last windows. Then
 * weights and widening are found once more, with the last windows among those that tell: they are the latest.
 */
export function judge(
  tried: readonly TriedCandidate[],
  { watched, judged }: Pick<Windows, 'watched' | 'judged'>,
  task: Pick<ForecastTask, 'levels' | 'season' | 'horizon'>,
  { seed, nonNegative }: { readonly seed: number; readonly nonNegative: boolean },
): Judgement {
  const { levels, season, horizon } = task
  const scaleAt = ({ series, end }: Past): number => scaleOf(series.values.subarray(0, end), season)
  const weighted = (pasts: readonly Past[], forecasts: (own: TriedCandidate) => readonly Quantiles[]) => ({
    actual: pasts.map((past) => futureOf(past, horizon)),
    scales: pasts.map(scaleAt),
    models: tried.map(forecasts),
  })
  const isTold = watched.length > 0
  const before = weighted(watched, (own) => own.watched)
  const all = weighted([...watched, ...judged], (own) => [...own.watched, ...own.judged])
  const prior = priorWeights(tried.map(({ name }) => name))
  const early = isTold ? windowWeights(before, levels) : prior
  const weights = isTold ? windowWeights(all, levels) : prior
  const knownOf = (
    of: 'watched' | 'judged',
    pasts: readonly Past[],
    by: readonly number[],
  ): KnownForecast[] =>
    pasts.map((past, window) => ({
      actual: futureOf(past, horizon),
      quantiles: blended(
        tried.map((own) => own[of][window] as Quantiles),
        by,
      ),
      scale: scaleAt(past),
      origin: past.series.start + past.end,
    }))
  const widening = wideningOf(knownOf('watched', watched, early), levels, horizon)
  const last = knownOf('judged', judged, early)
  const judgedAs = (quantilesOf: (window: number) => Quantiles) =>
    scoresOf(
      judged.map((past, window) => ({
        actual: (last[window] as KnownForecast).actual,
        past: past.series.values.subarray(0, past.end),
        quantiles: clipped(quantilesOf(window), nonNegative),
      })),
      { levels, season, seed },
    )
  const losses = isTold ? windowLosses(before, levels) : tried.map(() => Number.NaN)
  return {
    weights,
    widening: wideningOf(
      [...knownOf('watched', watched, weights), ...knownOf('judged', judged, weights)],
      levels,
      horizon,
    ),
    scores: judgedAs((window) => {
      const { quantiles, scale } = last[window] as KnownForecast
      return conformed(quantiles, widening, levels, scale)
    }),
    candidates: tried.map((own, i) => ({
      name: own.name,
      weight: weights[i] as number,
      watchedLoss: losses[i] as number,
      scores: judgedAs((window) => own.judged[window] as Quantiles),
    })),
  }
}

/** Quantiles that are at least 0, where values are. */
export const clipped = (quantiles: Quantiles, nonNegative: boolean): Quantiles =>
  nonNegative ? quantiles.map((of) => of.map((value) => Math.max(0, value))) : quantiles
