import { lowPass, type Wavelet } from './filters.ts'

/** One level of a decomposition: what varies slowly, and the details. */
interface Level {
  readonly approximation: Float64Array
  readonly details: Float64Array
}

/** A series as details of each level, the finest first, and what is left. */
export interface Decomposition {
  readonly details: readonly Float64Array[]
  readonly approximation: Float64Array
}

/** How often a series can be halved before filters are longer than it. */
export const mostLevels = (length: number, wavelet: Wavelet): number =>
  Math.max(0, Math.floor(Math.log2(length / (lowPass[wavelet].length - 1))))

/**
 * The discrete wavelet transform (Mallat, "A theory for multiresolution signal decomposition", 1989): a low and a high pass, each
 * of which keeps every other number, again and again of what the low pass gives. Beyond its ends the series is mirrored.
 */
export function decompose(series: Float64Array, wavelet: Wavelet, levels: number): Decomposition {
  const details: Float64Array[] = []
  let approximation = series
  for (let level = 0; level < levels; level++) {
    const one = split(approximation, wavelet)
    details.push(one.details)
    approximation = one.approximation
  }
  return { details, approximation }
}

/** The series of a decomposition. */
export function compose(
  { details, approximation }: Decomposition,
  wavelet: Wavelet,
  length: number,
): Float64Array {
  let series = approximation
  // What an odd length has left over is cut off level by level.
  for (const one of details.toReversed())
    series = join({ approximation: series.subarray(0, one.length), details: one }, wavelet)
  return series.slice(0, length)
}

function split(series: Float64Array, wavelet: Wavelet): Level {
  const low: readonly number[] = lowPass[wavelet]
  const width = low.length
  const length = (series.length + width - 1) >> 1
  const [approximation, details] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < length; k++) {
    let [slow, fast] = [0, 0]
    for (let j = 0; j < width; j++) {
      const value = mirrored(series, 2 * k + 1 - j)
      slow += (low[j] as number) * value
      // The high pass is the low pass backwards, with every other sign turned.
      fast += highAt(low, width - 1 - j) * value
    }
    approximation[k] = slow
    details[k] = fast
  }
  return { approximation, details }
}

const highAt = (low: readonly number[], j: number): number => (j % 2 === 0 ? 1 : -1) * (low[j] as number)

function join({ approximation, details }: Level, wavelet: Wavelet): Float64Array {
  const low: readonly number[] = lowPass[wavelet]
  const width = low.length
  const series = new Float64Array(Math.max(0, 2 * details.length - width + 2))
  for (let n = 0; n < series.length; n++) {
    let sum = 0
    // Filters of the way back are those of the way there backwards.
    for (let k = Math.max(0, (n + 1) >> 1) - 1; k < details.length; k++) {
      const j = n + width - 2 - 2 * k
      if (k < 0 || j >= width) continue
      if (j < 0) break
      sum +=
        (approximation[k] as number) * (low[width - 1 - j] as number) +
        (details[k] as number) * highAt(low, j)
    }
    series[n] = sum
  }
  return series
}

/** … b a a b c …: the end itself stands twice. */
function mirrored(series: Float64Array, at: number): number {
  const { length } = series
  if (at >= 0 && at < length) return series[at] as number
  const place = ((at % (2 * length)) + 2 * length) % (2 * length)
  return series[place < length ? place : 2 * length - 1 - place] as number
}
