/** A triangle over neighbouring frequencies: their weights, from bin `first` on. */
export interface MelFilter {
  readonly first: number
  readonly weights: Float64Array
}

/** How pitches are spaced: Slaney's scale of 1998, or that of the Hidden Markov Model Toolkit. */
export type MelScale = 'slaney' | 'htk'

/** What the weights of a triangle are divided by: half its width ('slaney'), their p-norm, or nothing. */
export type MelNorm = 'slaney' | number | null

interface Scale {
  readonly melOf: (hertz: number) => number
  readonly hertzOf: (mel: number) => number
}

/** Even steps up to 1000 Hz, even factors above (Slaney, Auditory Toolbox, 1998). */
const breakHertz = 1000
const melsToBreak = 15
const logStep = Math.log(6.4) / 27

const scales: Readonly<Record<MelScale, Scale>> = {
  slaney: {
    melOf: (hertz) =>
      hertz < breakHertz
        ? (hertz * melsToBreak) / breakHertz
        : melsToBreak + Math.log(hertz / breakHertz) / logStep,
    hertzOf: (mel) =>
      mel < melsToBreak
        ? (mel * breakHertz) / melsToBreak
        : breakHertz * Math.exp((mel - melsToBreak) * logStep),
  },
  htk: {
    melOf: (hertz) => 2595 * Math.log10(1 + hertz / 700),
    hertzOf: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
}

export interface MelFilterOptions {
  /** Where the first triangle begins, in Hz. */
  readonly lowest: number
  /** Where the last triangle ends, in Hz. */
  readonly highest: number
  readonly scale: MelScale
  readonly norm: MelNorm
  /** On which axis the sides of triangles are straight. Default `'hertz'`. */
  readonly straightIn?: 'hertz' | 'mel'
}

/**
 * Triangles whose corners are evenly apart on the mel scale, each beginning and ending in the middle of its neighbours.
 * One that is so narrow that it lies between two frequencies has no weights.
 *
 * @param frequencies of the bins of a spectrum, in Hz.
 */
export function melFilters(
  count: number,
  frequencies: ArrayLike<number>,
  { lowest, highest, scale, norm, straightIn = 'hertz' }: MelFilterOptions,
): readonly MelFilter[] {
  const { melOf, hertzOf } = scales[scale]
  const [low, high] = [melOf(lowest), melOf(highest)]
  const mels = Array.from({ length: count + 2 }, (_, i) => low + ((high - low) * i) / (count + 1))
  const [edges, places] =
    straightIn === 'mel'
      ? [mels, Array.from(frequencies, melOf)]
      : [mels.map(hertzOf), Array.from(frequencies)]
  return Array.from({ length: count }, (_, i) => {
    const [left, middle, right] = edges.slice(i, i + 3) as [number, number, number]
    const values = places.map((at) =>
      Math.max(0, Math.min((at - left) / (middle - left), (right - at) / (right - middle))),
    )
    const first = values.findIndex((value) => value > 0)
    if (first === -1) return { first: 0, weights: new Float64Array(0) }
    const weights = Float64Array.from(values.slice(first, values.findLastIndex((v) => v > 0) + 1))
    const divisor = norm === 'slaney' ? (right - left) / 2 : norm === null ? 1 : normOf(weights, norm)
    return { first, weights: weights.map((weight) => weight / divisor) }
  })
}

function normOf(values: Float64Array, p: number): number {
  if (p === Number.POSITIVE_INFINITY) return Math.max(...values)
  return values.reduce((sum, value) => sum + value ** p, 0) ** (1 / p)
}

/** Writes the weighted sums of a spectrum's bins, one for each filter, from `at` on. */
export function sumBands(
  filters: readonly MelFilter[],
  spectrum: Float64Array,
  out: Float64Array | Float32Array,
  at = 0,
): void {
  for (let band = 0; band < filters.length; band++) {
    const { first, weights } = filters[band] as MelFilter
    let sum = 0
    for (let k = 0; k < weights.length; k++) sum += (weights[k] as number) * (spectrum[first + k] as number)
    out[at + band] = sum
  }
}
