import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { numbersOf, type Series } from './series.ts'

export interface SavitzkyGolayOptions {
  /** How many numbers a polynomial is fitted to: odd. Default 7. */
  readonly window?: number
  /** The degree of the polynomials, below `window`. Default 2. */
  readonly order?: number
  /** Which derivative is given. Default 0: the numbers themselves. */
  readonly derivative?: number
  /** The distance of two numbers, for derivatives. Default 1. */
  readonly delta?: number
  /**
   * What stands beyond the ends: what the polynomials of the first and last window give ('interp'), the series again backwards
   * ('mirror'), its last number ('nearest'), its other end ('wrap'), or 0 ('constant'). Default 'interp'.
   */
  readonly mode?: 'interp' | 'mirror' | 'nearest' | 'wrap' | 'constant'
}

const savitzkyChecks = optionsOf<SavitzkyGolayOptions>()({
  window: {
    expected: 'an odd whole number of at least 1',
    accepts: (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) % 2 === 1,
  },
  order: checks.wholeFrom(0),
  derivative: checks.wholeFrom(0),
  delta: checks.positive,
  mode: checks.oneOf('interp', 'mirror', 'nearest', 'wrap', 'constant'),
})

/**
 * Each number replaced by what a polynomial gives there that is fitted to the numbers around it: noise goes, and peaks keep their
 * height and width (Savitzky and Golay, "Smoothing and differentiation of data by simplified least squares procedures", 1964).
 *
 * @throws ArgumentError for an order that is not below the window, and with 'interp' for a window longer than the series.
 */
export function savitzkyGolay(series: Series, options: SavitzkyGolayOptions = {}): Float64Array {
  const where = 'denoise.savitzkyGolay'
  checkOptions(where, options, savitzkyChecks)
  const { window = 7, order = 2, derivative = 0, delta = 1, mode = 'interp' } = options
  if (order >= window)
    throw new ArgumentError({
      where,
      expected: `an order below the window of ${window}`,
      received: String(order),
    })
  const values = numbersOf(where, series)
  const { length } = values
  if (mode === 'interp' && window > length)
    throw new ArgumentError({
      where,
      expected: `a window of at most ${length}, the length of the series`,
      received: String(window),
      fix: "mode: 'nearest' and others take longer ones.",
    })
  const half = window >> 1
  const weightsAt = polynomialWeights(window, order, derivative, delta)
  const centre = weightsAt(0)
  const result = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    let weights = centre
    let start = i - half
    if (mode === 'interp') {
      start = Math.min(length - window, Math.max(0, start))
      const offset = i - half - start
      if (offset !== 0) weights = weightsAt(offset)
    }
    let sum = 0
    for (const [j, weight] of weights.entries()) sum += weight * valueAt(values, start + j, mode)
    result[i] = sum
  }
  return result
}

/** The series beyond its ends. */
function valueAt(values: Float64Array, at: number, mode: NonNullable<SavitzkyGolayOptions['mode']>): number {
  const { length } = values
  if (at >= 0 && at < length) return values[at] as number
  if (mode === 'constant') return 0
  if (mode === 'nearest') return values[at < 0 ? 0 : length - 1] as number
  if (mode === 'wrap') return values[((at % length) + length) % length] as number
  // … c b a b c …: the end itself stands once.
  const period = Math.max(1, 2 * (length - 1))
  const place = ((at % period) + period) % period
  return values[place < length ? place : period - place] as number
}

/**
 * What each number of a window counts in the derivative, `offset` away from its middle, of the polynomial that fits the window best:
 * with powers of the positions A = Q R, it is Q R⁻ᵀ g, where g has the derivatives of the powers there.
 */
function polynomialWeights(
  window: number,
  order: number,
  derivative: number,
  delta: number,
): (offset: number) => Float64Array {
  const half = Math.max(1, window >> 1)
  // From −1 to 1, where powers are tame.
  const positions = Float64Array.from({ length: window }, (_, i) => (i - (window >> 1)) / half)
  const columns = Array.from({ length: order + 1 }, (_, power) => positions.map((x) => x ** power))
  const { q, r } = orthonormal(columns)
  return (offset) => {
    const at = offset / half
    const g = Array.from({ length: order + 1 }, (_, power) => {
      if (power < derivative) return 0
      let factor = 1
      for (let k = 0; k < derivative; k++) factor *= power - k
      return (factor * at ** (power - derivative)) / (half * delta) ** derivative
    })
    // Rᵀ z = g, from the first on.
    const z: number[] = []
    for (const [k, value] of g.entries()) {
      let rest = value
      for (let j = 0; j < k; j++) rest -= (r[j]?.[k] ?? 0) * (z[j] as number)
      z.push(rest / (r[k]?.[k] as number))
    }
    return positions.map((_, i) => z.reduce((sum, value, k) => sum + value * (q[k]?.[i] as number), 0))
  }
}

/** Gram and Schmidt's orthogonal columns, each made so twice, which is enough for the last digits. `r[j][k]`: how much of column k is qⱼ. */
function orthonormal(columns: readonly Float64Array[]): {
  readonly q: Float64Array[]
  readonly r: number[][]
} {
  const q: Float64Array[] = []
  const r: number[][] = columns.map(() => columns.map(() => 0))
  for (const [k, column] of columns.entries()) {
    let rest = column
    for (let time = 0; time < 2; time++)
      for (const [j, other] of q.entries()) {
        const share = rest.reduce((sum, value, i) => sum + value * (other[i] as number), 0)
        rest = rest.map((value, i) => value - share * (other[i] as number))
        const row = r[j] as number[]
        row[k] = (row[k] as number) + share
      }
    const norm = Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0))
    ;(r[k] as number[])[k] = norm
    q.push(rest.map((value) => value / norm))
  }
  return { q, r }
}
