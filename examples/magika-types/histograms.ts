// The simple way: a file is of the type whose files have bytes in the most similar shares.
import type { Sample } from './files.ts'

/** The type whose mean histogram of bytes is nearest to a file's, by the sum of distances. */
export function nearestHistogram(train: readonly Sample[], test: readonly Sample[]): readonly string[] {
  const means = new Map<string, Float64Array>()
  for (const type of new Set(train.map((sample) => sample.type))) {
    const own = train.filter((sample) => sample.type === type).map(histogramOf)
    means.set(
      type,
      Float64Array.from(
        new Float64Array(257),
        (_, i) => own.reduce((sum, h) => sum + (h[i] as number), 0) / own.length,
      ),
    )
  }
  return test.map((sample) => {
    const own = histogramOf(sample)
    const distance = (mean: Float64Array): number =>
      mean.reduce((sum, m, i) => sum + Math.abs(m - (own[i] as number)), 0)
    const near = [...means].map(([type, mean]) => ({ type, far: distance(mean) }))
    return near.reduce((a, b) => (b.far < a.far ? b : a)).type
  })
}

/** Shares of the 256 bytes, and of what a short file lacks. */
function histogramOf({ features }: Sample): Float64Array {
  const counts = new Float64Array(257)
  for (const byte of features) counts[byte] = (counts[byte] as number) + 1 / features.length
  return counts
}
