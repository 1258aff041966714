import type { TablePredictions, TrainReport } from '@typegrad/tabular'

/** Predictions as columns: `prediction`, and of each class `probability_<class>`, of each level `q<level>`. */
export function predictionColumns(
  { values, probabilities, quantiles }: TablePredictions,
  { classes, levels }: TrainReport['task'],
): ReadonlyMap<string, ArrayLike<unknown>> {
  const columns = new Map<string, ArrayLike<unknown>>([['prediction', values]])
  classes?.forEach((one, i) => {
    const own = probabilities?.[i]
    if (own !== undefined) columns.set(`probability_${one}`, own)
  })
  levels?.forEach((level, i) => {
    const own = quantiles?.[i]
    if (own !== undefined) columns.set(`q${level}`, own)
  })
  return columns
}
