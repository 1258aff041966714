import type { Metric, Predictions } from './metrics.ts'

/**
 * Probabilities with their log-odds, or logits, divided by a temperature: above 1 they are less sure than they were (Guo et al., "On
 * calibration of modern neural networks", 2017). The order of rows, and the likeliest class, stay.
 */
export function tempered(predictions: Predictions, temperature: number): Float64Array[] {
  if (temperature === 1) return predictions.map((of) => of.slice())
  const power = 1 / temperature
  const rows = predictions[0]?.length ?? 0
  const isBinary = predictions.length === 1
  const made = predictions.map(() => new Float64Array(rows))
  for (let row = 0; row < rows; row++) {
    let total = isBinary ? (1 - (predictions[0]?.[row] as number)) ** power : 0
    predictions.forEach((of, k) => {
      const share = (of[row] as number) ** power
      ;(made[k] as Float64Array)[row] = share
      total += share
    })
    for (const of of made) of[row] = (of[row] as number) / total
  }
  return made
}

const golden = (Math.sqrt(5) - 1) / 2

/** The temperature with which the loss is least, between a quarter and four, by golden section of its logarithm. */
export function bestTemperature(loss: Metric, values: Float64Array, predictions: Predictions): number {
  const costOf = (log: number): number => loss.of(values, tempered(predictions, Math.exp(log)))
  let [low, high] = [-Math.log(4), Math.log(4)]
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)]
  let [costA, costB] = [costOf(a), costOf(b)]
  for (let step = 0; step < 20; step++) {
    if (costA < costB) {
      ;[high, b, costB] = [b, a, costA]
      a = high - golden * (high - low)
      costA = costOf(a)
    } else {
      ;[low, a, costA] = [a, b, costB]
      b = low + golden * (high - low)
      costB = costOf(b)
    }
  }
  return Math.exp((low + high) / 2)
}
