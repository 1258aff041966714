import { hostRandom } from 'typegrad/core'
import { coverage, type JudgedQuantiles, mase, smape, weightedQuantileLoss } from '../measures/measures.ts'

/** A measure over all series that were judged. */
export interface ForecastScore {
  readonly measure: 'MASE' | 'sMAPE' | 'CRPS' | 'coverage'
  readonly value: number
  /** The interval that it is in with 95 % confidence, by drawing series; absent of fewer than five. */
  readonly low?: number
  readonly high?: number
}

/** A series' last window. */
export interface JudgedSeries extends JudgedQuantiles {
  readonly past: Float64Array
}

const draws = 200
const leastSeries = 5

/**
 * The measures of forecasts, each over all series: the mean of MASE and of sMAPE, the weighted quantile loss, and the share of values between
 * the outermost quantiles.
 */
export function scoresOf(
  judged: readonly JudgedSeries[],
  {
    levels,
    season,
    seed,
  }: { readonly levels: readonly number[]; readonly season: number; readonly seed: number },
): ForecastScore[] {
  if (judged.length === 0) return []
  const middle = levels.indexOf(0.5)
  const point = ({ quantiles }: JudgedSeries): Float64Array => quantiles[middle] as Float64Array
  const meanOf = (of: (own: JudgedSeries) => number): ((some: readonly JudgedSeries[]) => number) => {
    const found = new Map(judged.map((own) => [own, of(own)]))
    return (some) => {
      const known = some.map((own) => found.get(own) as number).filter((value) => !Number.isNaN(value))
      return known.reduce((sum, value) => sum + value, 0) / known.length
    }
  }
  const measures: readonly (readonly [
    ForecastScore['measure'],
    (some: readonly JudgedSeries[]) => number,
  ])[] = [
    ['MASE', meanOf((own) => mase(own.actual, point(own), own.past, own.past.length > season ? season : 1))],
    ['sMAPE', meanOf((own) => smape(own.actual, point(own)))],
    ['CRPS', (some) => weightedQuantileLoss(some, levels)],
    [
      'coverage',
      meanOf(({ actual, quantiles }) =>
        coverage(actual, quantiles[0] as Float64Array, quantiles.at(-1) as Float64Array),
      ),
    ],
  ]
  return measures.map(([measure, of]) => {
    const value = of(judged)
    if (judged.length < leastSeries) return { measure, value }
    const random = hostRandom(seed, 0xb007)
    const drawn = Float64Array.from({ length: draws }, () =>
      of(judged.map(() => judged[random(judged.length)] as JudgedSeries)),
    ).sort()
    const at = (share: number): number => drawn[Math.round(share * (draws - 1))] as number
    return { measure, value, low: at(0.025), high: at(0.975) }
  })
}
