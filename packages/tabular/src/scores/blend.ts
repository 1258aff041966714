import type { Metric, Predictions } from './metrics.ts'

/** Rounds of the selection; weights are multiples of one divided by the rounds that were best. */
const rounds = 40

/**
 * Weights of models for the mean of their predictions: greedy selection with replacement (Caruana et al., "Ensemble selection from
 * libraries of models", 2004). Each round adds the model with which the mean is best; the best round's counts are the weights.
 *
 * @param models the predictions of each model for the same rows, which none of them was trained on.
 * @returns a weight for each model, 1 together.
 */
export function blendWeights(
  metric: Metric,
  values: Float64Array,
  models: readonly Predictions[],
): Float64Array {
  const outputs = models[0]?.length ?? 0
  const sums = Array.from({ length: outputs }, () => new Float64Array(values.length))
  const tried = Array.from({ length: outputs }, () => new Float64Array(values.length))
  const counts = new Float64Array(models.length)
  const costOf = (model: Predictions, size: number): number => {
    tried.forEach((to, k) => {
      const [sum, own] = [sums[k] as Float64Array, model[k] as Float64Array]
      for (let row = 0; row < to.length; row++) to[row] = ((sum[row] as number) + (own[row] as number)) / size
    })
    const found = metric.of(values, tried)
    return metric.isGain ? -found : found
  }
  let best = { cost: Number.POSITIVE_INFINITY, counts: counts.slice(), size: 1 }
  for (let size = 1; size <= rounds; size++) {
    const costs = models.map((model) => costOf(model, size))
    const chosen = costs.indexOf(Math.min(...costs))
    const model = models[chosen]
    if (model === undefined) break
    counts[chosen] = (counts[chosen] as number) + 1
    sums.forEach((sum, k) => {
      const own = model[k] as Float64Array
      for (let row = 0; row < sum.length; row++) sum[row] = (sum[row] as number) + (own[row] as number)
    })
    const cost = costs[chosen] as number
    if (cost < best.cost) best = { cost, counts: counts.slice(), size }
  }
  return best.counts.map((count) => count / best.size)
}

/** The mean of models' predictions by weights. */
export function blended(models: readonly Predictions[], weights: ArrayLike<number>): Float64Array[] {
  const rows = models[0]?.[0]?.length ?? 0
  return (models[0] ?? []).map((_, k) => {
    const mean = new Float64Array(rows)
    models.forEach((model, i) => {
      const own = model[k] as Float64Array
      const weight = weights[i] as number
      // Of what has no share, nothing: it may not be finite.
      if (weight === 0) return
      for (let row = 0; row < rows; row++) mean[row] = (mean[row] as number) + weight * (own[row] as number)
    })
    return mean
  })
}
