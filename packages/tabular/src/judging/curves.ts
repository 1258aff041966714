import type { CalibrationBin, Curves, Point } from './judgement.ts'

/** Points of a curve that a page draws. */
const mostPoints = 120

/** Curves of the second of two classes by its probabilities. Rows with one probability are one step. */
export function curvesOf(values: Float64Array, scores: Float64Array): Curves {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number),
  )
  const positives = values.reduce((sum, value) => sum + value, 0)
  const negatives = values.length - positives
  const roc: Point[] = [[0, 0]]
  const precisionRecall: Point[] = []
  const gain: Point[] = [[0, 0]]
  let found = 0
  for (const [i, row] of order.entries()) {
    found += values[row] as number
    if (i + 1 < order.length && scores[order[i + 1] as number] === scores[row]) continue
    const rows = i + 1
    roc.push([(rows - found) / negatives, found / positives])
    precisionRecall.push([found / positives, found / rows])
    gain.push([rows / values.length, found / positives])
  }
  return { roc: thinned(roc), precisionRecall: thinned(precisionRecall), gain: thinned(gain) }
}

/** So many of the points, evenly, with the last. */
export function thinned<T>(points: readonly T[], most = mostPoints): T[] {
  if (points.length <= most) return [...points]
  return Array.from(
    { length: most },
    (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))] as T,
  )
}

/** Rows in the order of their predictions, in equal parts. */
export function calibrationBins(
  predicted: Float64Array,
  observed: Float64Array,
  bins = 10,
): CalibrationBin[] {
  const order = Uint32Array.from({ length: predicted.length }, (_, i) => i).sort(
    (a, b) => (predicted[a] as number) - (predicted[b] as number),
  )
  const count = Math.max(1, Math.min(bins, Math.floor(predicted.length / 5)))
  return Array.from({ length: count }, (_, bin) => {
    const rows = order.subarray(
      Math.round((bin * order.length) / count),
      Math.round(((bin + 1) * order.length) / count),
    )
    const mean = (of: Float64Array): number =>
      rows.reduce((sum, row) => sum + (of[row] as number), 0) / rows.length
    return { predicted: mean(predicted), observed: mean(observed), rows: rows.length }
  })
}
