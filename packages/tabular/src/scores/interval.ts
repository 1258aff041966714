import { hostRandom } from 'typegrad/core'
import type { Metric, Predictions } from './metrics.ts'

/** A metric with the interval that it is in with 95 % confidence. */
export interface Score {
  readonly metric: string
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Draws of rows; the ends of the interval are the fifth of each side. */
const draws = 200

/**
 * A metric and its confidence interval by the bootstrap's percentiles (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993):
 * rows are drawn with replacement, and the metric of each draw is taken.
 */
export function scoreOf(metric: Metric, values: Float64Array, predictions: Predictions, seed: number): Score {
  const random = hostRandom(seed, 0xb007)
  const rows = values.length
  const drawn = new Float64Array(rows)
  const drawnPredictions = predictions.map(() => new Float64Array(rows))
  const found = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < rows; i++) {
      const row = random(rows)
      drawn[i] = values[row] as number
      for (const [k, of] of drawnPredictions.entries()) of[i] = predictions[k]?.[row] as number
    }
    found[draw] = metric.of(drawn, drawnPredictions)
  }
  // Draws of one class alone have no AUC.
  const sorted = found.filter((value) => !Number.isNaN(value)).sort()
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
  return { metric: metric.name, value: metric.of(values, predictions), low: at(0.025), high: at(0.975) }
}
