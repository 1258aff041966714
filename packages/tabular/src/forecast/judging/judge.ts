import { blended, blendWeights } from '../../scores/blend.ts'
import { pinball } from '../../scores/metrics.ts'
import type { Quantiles } from '../baselines/baseline.ts'
import type { CandidateName } from '../names.ts'
import type { ForecastCandidateReport } from '../report.ts'
import { scaleOf } from '../series/series.ts'
import type { ForecastTask, Past } from '../task.ts'
import { conformalOffsets, conformed, type KnownForecast } from './conformal.ts'
import { type ForecastScore, scoresOf } from './score.ts'
import { futureOf, type Windows } from './windows.ts'

/** What a model forecast of windows, in their order. */
export interface TriedCandidate {
  readonly name: CandidateName
  readonly watched: readonly Quantiles[]
  readonly judged: readonly Quantiles[]
}

export interface Judgement {
  /** A weight for each model, 1 together. */
  readonly weights: readonly number[]
  /** By how much quantiles are moved, in spreads, from all windows. */
  readonly offsets: readonly number[]
  readonly scores: readonly ForecastScore[]
  readonly candidates: readonly ForecastCandidateReport[]
}

/** Models that share the weight where there is no window to tell: exponential smoothing and theta, else the seasonal naive one. */
const trusted: readonly CandidateName[] = ['ETS', 'theta']

/**
 * Weights models by what they reach on the watched windows, widens the quantiles of their mean by these, and judges it on the last windows;
 * then the last windows widen quantiles too.
 */
export function judge(
  tried: readonly TriedCandidate[],
  { watched, judged }: Pick<Windows, 'watched' | 'judged'>,
  task: Pick<ForecastTask, 'levels' | 'season' | 'horizon'>,
  { seed, nonNegative }: { readonly seed: number; readonly nonNegative: boolean },
): Judgement {
  const { levels, season, horizon } = task
  const scaleAt = ({ series, end }: Past): number => scaleOf(series.values.subarray(0, end), season)
  const loss = pinball(levels)
  const watchedScales = watched.map(scaleAt)
  /** Windows behind one another, each in the scale of its series. */
  const scaled = (windows: readonly Quantiles[]): Float64Array[] =>
    levels.map((_, i) =>
      joined(
        windows.map((own) => own[i] as Float64Array),
        watchedScales,
      ),
    )
  const actual = joined(
    watched.map((past) => futureOf(past, horizon)),
    watchedScales,
  )
  const inScale = tried.map((own) => scaled(own.watched))
  const weights = watched.length > 0 ? Array.from(blendWeights(loss, actual, inScale)) : priorWeights(tried)
  const meanOf = (of: 'watched' | 'judged', window: number): Float64Array[] =>
    blended(
      tried.map((own) => own[of][window] as Quantiles),
      weights,
    )
  const knownOf = (of: 'watched' | 'judged', pasts: readonly Past[]): KnownForecast[] =>
    pasts.map((past, window) => ({
      actual: futureOf(past, horizon),
      quantiles: meanOf(of, window),
      scale: scaleAt(past),
    }))
  const calibrating = knownOf('watched', watched)
  const offsets = conformalOffsets(calibrating, levels)
  const last = knownOf('judged', judged)
  const judgedAs = (quantilesOf: (window: number) => Quantiles) =>
    scoresOf(
      judged.map((past, window) => ({
        actual: (last[window] as KnownForecast).actual,
        past: past.series.values.subarray(0, past.end),
        quantiles: clipped(quantilesOf(window), nonNegative),
      })),
      { levels, season, seed },
    )
  return {
    weights,
    offsets: conformalOffsets([...calibrating, ...last], levels),
    scores: judgedAs((window) => {
      const { quantiles, scale } = last[window] as KnownForecast
      return conformed(quantiles, offsets, scale)
    }),
    candidates: tried.map((own, i) => ({
      name: own.name,
      weight: weights[i] as number,
      watchedLoss: watched.length > 0 ? loss.of(actual, inScale[i] as Float64Array[]) : Number.NaN,
      scores: judgedAs((window) => own.judged[window] as Quantiles),
    })),
  }
}

/** Quantiles that are at least 0, where values are. */
export const clipped = (quantiles: Quantiles, nonNegative: boolean): Quantiles =>
  nonNegative ? quantiles.map((of) => of.map((value) => Math.max(0, value))) : quantiles

function joined(parts: readonly Float64Array[], scales: readonly number[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  parts.forEach((part, i) => {
    for (const value of part) all[at++] = value / (scales[i] as number)
  })
  return all
}

function priorWeights(tried: readonly TriedCandidate[]): number[] {
  const known = tried.filter(({ name }) => trusted.includes(name))
  const shared = known.length > 0 ? known : tried.filter(({ name }) => name === 'seasonal naive')
  return tried.map((own) => (shared.includes(own) ? 1 / shared.length : 0))
}
