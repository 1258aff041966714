/** A triangle over neighbouring frequencies: their weights, from bin `first` on. */
export interface MelFilter {
  readonly first: number
  readonly weights: Float64Array
}

/** Slaney's scale: even steps up to 1000 Hz, even factors above (Auditory Toolbox, 1998). */
const breakHertz = 1000
const melsToBreak = 15
const logStep = Math.log(6.4) / 27

const melOf = (hertz: number): number =>
  hertz < breakHertz
    ? (hertz * melsToBreak) / breakHertz
    : melsToBreak + Math.log(hertz / breakHertz) / logStep

const hertzOf = (mel: number): number =>
  mel < melsToBreak ? (mel * breakHertz) / melsToBreak : breakHertz * Math.exp((mel - melsToBreak) * logStep)

/**
 * Triangles evenly apart on the mel scale, each of area 1 over its frequencies.
 *
 * @param bins how many frequencies a spectrum has, from 0 to half the sampling rate.
 * @param highest in Hz, where the last triangle ends.
 */
export function melFilters(
  count: number,
  bins: number,
  samplingRate: number,
  highest: number,
): readonly MelFilter[] {
  const edges = Array.from({ length: count + 2 }, (_, i) => hertzOf((melOf(highest) * i) / (count + 1)))
  const hertz = Array.from({ length: bins }, (_, i) => (i * samplingRate) / 2 / (bins - 1))
  return Array.from({ length: count }, (_, i) => {
    const [low, middle, high] = edges.slice(i, i + 3) as [number, number, number]
    const height = 2 / (high - low)
    const values = hertz.map(
      (f) => Math.max(0, Math.min((f - low) / (middle - low), (high - f) / (high - middle))) * height,
    )
    const first = values.findIndex((value) => value > 0)
    if (first === -1) return { first: 0, weights: new Float64Array(0) }
    return { first, weights: Float64Array.from(values.slice(first, values.findLastIndex((v) => v > 0) + 1)) }
  })
}
