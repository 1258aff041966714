import { hostRandom } from 'typegrad/core'
import { ascending, type Metric, type Predictions } from './metrics.ts'

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
  const units = metric.units?.(values, predictions)
  if (units !== undefined) return scoreOfUnits(metric, units, random)
  const rows = values.length
  const drawn = new Float64Array(rows)
  const drawnPredictions = predictions.map(() => new Float64Array(rows))
  const found = new Float64Array(draws)
  // What is drawn comes in the order of the predictions, so that no draw has to be sorted for its AUC.
  const [first = new Float64Array(rows)] = predictions
  const order = ascending(first)
  const counts = new Uint32Array(rows)
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0)
    for (let i = 0; i < rows; i++) {
      const row = random(rows)
      counts[row] = (counts[row] as number) + 1
    }
    let at = 0
    for (const row of order)
      for (let count = counts[row] as number; count > 0; count--, at++) {
        drawn[at] = values[row] as number
        for (let k = 0; k < drawnPredictions.length; k++)
          (drawnPredictions[k] as Float64Array)[at] = predictions[k]?.[row] as number
      }
    found[draw] = metric.of(drawn, drawnPredictions)
  }
  return { metric: metric.name, value: metric.of(values, predictions), ...middle(found) }
}

/** Of a mean over lists: lists are drawn, with all of their rows. */
function scoreOfUnits(metric: Metric, units: Float64Array, random: (bound: number) => number): Score {
  const mean = (of: (i: number) => number): number =>
    units.reduce((sum, _, i) => sum + of(i), 0) / units.length
  const found = Float64Array.from({ length: draws }, () => mean(() => units[random(units.length)] as number))
  return { metric: metric.name, value: mean((i) => units[i] as number), ...middle(found) }
}

/** Where 95 % of the draws are. Draws of one class alone have no AUC. */
function middle(found: Float64Array): { readonly low: number; readonly high: number } {
  const sorted = found.filter((value) => !Number.isNaN(value)).sort()
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN
  return { low: at(0.025), high: at(0.975) }
}
