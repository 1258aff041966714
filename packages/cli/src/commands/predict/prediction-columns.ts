import type { TablePredictions, TrainReport } from '@typegrad/tabular'

/** Predictions as columns: `prediction`, and of each class or label `probability_<class>`, of each level `q<level>`. */
export function predictionColumns(
  { values, probabilities, quantiles }: TablePredictions,
  { classes, labels, levels }: TrainReport['task'],
): ReadonlyMap<string, ArrayLike<unknown>> {
  const columns = new Map<string, ArrayLike<unknown>>([['prediction', values]])
  const named = classes ?? labels
  named?.forEach((one, i) => {
    const own = probabilities?.[i]
    if (own !== undefined) columns.set(`probability_${one}`, own)
  })
  levels?.forEach((level, i) => {
    const own = quantiles?.[i]
    if (own !== undefined) columns.set(`q${level}`, own)
  })
  return columns
}
