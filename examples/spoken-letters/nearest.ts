import type { SoundFeatures } from '@typegrad/data'
import type { Heard } from './heard.ts'

/** Features with the mean of each taken away, which the microphone and the voice give all of a recording. */
function centred({ data, shape: [steps, count] }: SoundFeatures): Float64Array[] {
  const means = new Float64Array(count)
  for (let i = 0; i < data.length; i++)
    means[i % count] = (means[i % count] as number) + (data[i] as number) / steps
  return Array.from({ length: steps }, (_, t) =>
    Float64Array.from(means, (mean, k) => (data[t * count + k] as number) - mean),
  )
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += ((a[k] as number) - (b[k] as number)) ** 2
  return Math.sqrt(sum)
}

/**
 * How far two words are apart when one is said faster here and slower there: dynamic time warping, the least sum of distances along
 * a way through both, by their lengths (Sakoe and Chiba 1978, https://doi.org/10.1109/TASSP.1978.1163055). The way stays within a
 * fifth of the longer word about the straight one.
 */
export function warpedDistance(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const width = Math.max(2, Math.ceil(Math.max(a.length, b.length) / 5))
  let before = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY)
  before[0] = 0
  for (let i = 1; i <= a.length; i++) {
    const own = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY)
    const middle = (i * b.length) / a.length
    const last = Math.min(b.length, Math.ceil(middle + width))
    for (let j = Math.max(1, Math.floor(middle - width)); j <= last; j++) {
      const way = Math.min(before[j] as number, own[j - 1] as number, before[j - 1] as number)
      own[j] = way + distance(a[i - 1] as Float64Array, b[j - 1] as Float64Array)
    }
    before = own
  }
  return (before[b.length] as number) / (a.length + b.length)
}

/** Says of each word which known one is nearest. */
export function nearestWords(known: readonly Heard[], words: readonly Heard[]): string[] {
  const templates = known.map(({ word, coefficients }) => ({ word, steps: centred(coefficients) }))
  return words.map(({ coefficients }) => {
    const own = centred(coefficients)
    let nearest = { word: '', distance: Number.POSITIVE_INFINITY }
    for (const { word, steps } of templates) {
      const distance = warpedDistance(own, steps)
      if (distance < nearest.distance) nearest = { word, distance }
    }
    return nearest.word
  })
}
