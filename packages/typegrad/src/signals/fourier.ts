/**
 * `signals/`: spectra of signals in JavaScript's memory: Fourier transforms, windows, frames and bands of the mel scale. Layers,
 * processors and features of sounds are made of it. It knows `base/` alone.
 */

/** Numbers with imaginary parts, in two arrays. */
export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

/** Zeros, as a place for a transform to write to. */
export const complexZeros = (length: number): Complex => ({
  re: new Float64Array(length),
  im: new Float64Array(length),
})

/** A step of the transform: `count` groups, in each `width` butterflies of `radix` numbers that stand `width` apart. */
interface Pass {
  readonly radix: number
  readonly width: number
  readonly count: number
  /** cos and sin of 2π·q·i / (radix·width) at (q − 1)·width + i, for q from 1 and i below the width. */
  readonly cos: Float64Array
  readonly sin: Float64Array
}

type Butterflies = (pass: Pass, x: Complex, y: Complex) => void

/**
 * A discrete Fourier transform of one length, which may be any: X(k) = Σ x(n) · e^(−2πi·k·n/N).
 *
 * A pass for each factor r of the length takes r numbers that stand apart, transforms them, turns the results by powers of
 * e^(−2πi/N), and writes them so that the last pass leaves them in order: Stockham's form of the algorithm of Cooley and Tukey
 * (1965, "An algorithm for the machine calculation of complex Fourier series",
 * https://doi.org/10.1090/S0025-5718-1965-0178586-1). The work is the length times the sum of its factors, so a large prime is slow.
 *
 * @example
 * const [x, out] = [complexZeros(8), complexZeros(8)]
 * x.re[1] = 1
 * new FourierTransform(8).transform(x, out) // out.re[4] is −1
 */
export class FourierTransform {
  readonly length: number
  readonly #passes: readonly Pass[]
  readonly #scratch: Complex

  constructor(length: number) {
    this.length = length
    this.#passes = passesOf(length)
    this.#scratch = complexZeros(length)
  }

  /** Writes the transform of `x` to `out`, which has to be another pair of arrays. */
  transform(x: Complex, out: Complex): void {
    let from = x
    for (const [i, pass] of this.#passes.entries()) {
      // Results alternate between two places, and the last ones have to be in `out`.
      const to = (this.#passes.length - i) % 2 === 1 ? out : this.#scratch
      const run = butterflies.get(pass.radix) ?? butterflyOfAny
      run(pass, from, to)
      from = to
    }
    if (this.#passes.length > 0) return
    out.re.set(x.re)
    out.im.set(x.im)
  }
}

function passesOf(length: number): readonly Pass[] {
  let count = 1
  return factorsOf(length).map((radix) => {
    const width = length / (count * radix)
    const [cos, sin] = [new Float64Array((radix - 1) * width), new Float64Array((radix - 1) * width)]
    for (let q = 1; q < radix; q++)
      for (let i = 0; i < width; i++) {
        const angle = (2 * Math.PI * q * i) / (radix * width)
        cos[(q - 1) * width + i] = Math.cos(angle)
        sin[(q - 1) * width + i] = Math.sin(angle)
      }
    const pass = { radix, width, count, cos, sin }
    count *= radix
    return pass
  })
}

/** Fours as long as there are, then primes. */
function factorsOf(length: number): readonly number[] {
  const factors: number[] = []
  let rest = length
  const take = (factor: number): void => {
    for (; rest % factor === 0; rest /= factor) factors.push(factor)
  }
  take(4)
  for (let prime = 2; rest > 1; prime++) take(prime)
  return factors
}

const twos: Butterflies = ({ width, count, cos, sin }, { re: xr, im: xi }, { re: yr, im: yi }) => {
  const apart = width * count
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < width; i++) {
      const a = i + width * 2 * k
      const b = a + width
      const to = i + width * k
      const re = (xr[a] as number) - (xr[b] as number)
      const im = (xi[a] as number) - (xi[b] as number)
      const c = cos[i] as number
      const s = sin[i] as number
      yr[to] = (xr[a] as number) + (xr[b] as number)
      yi[to] = (xi[a] as number) + (xi[b] as number)
      yr[to + apart] = re * c + im * s
      yi[to + apart] = im * c - re * s
    }
  }
}

const fours: Butterflies = ({ width, count, cos, sin }, { re: xr, im: xi }, { re: yr, im: yi }) => {
  const apart = width * count
  for (let k = 0; k < count; k++) {
    let x0 = 4 * width * k
    let y0 = width * k
    for (let i = 0; i < width; i++, x0++, y0++) {
      const x1 = x0 + width
      const x2 = x1 + width
      const x3 = x2 + width
      const y1 = y0 + apart
      const y2 = y1 + apart
      const y3 = y2 + apart
      const evenRe = (xr[x0] as number) + (xr[x2] as number)
      const evenIm = (xi[x0] as number) + (xi[x2] as number)
      const evenLessRe = (xr[x0] as number) - (xr[x2] as number)
      const evenLessIm = (xi[x0] as number) - (xi[x2] as number)
      const oddRe = (xr[x1] as number) + (xr[x3] as number)
      const oddIm = (xi[x1] as number) + (xi[x3] as number)
      const oddLessRe = (xr[x1] as number) - (xr[x3] as number)
      const oddLessIm = (xi[x1] as number) - (xi[x3] as number)
      yr[y0] = evenRe + oddRe
      yi[y0] = evenIm + oddIm
      const firstRe = evenLessRe + oddLessIm
      const firstIm = evenLessIm - oddLessRe
      const secondRe = evenRe - oddRe
      const secondIm = evenIm - oddIm
      const thirdRe = evenLessRe - oddLessIm
      const thirdIm = evenLessIm + oddLessRe
      // The first of each group is not turned; the last pass has no others.
      if (i === 0) {
        yr[y1] = firstRe
        yi[y1] = firstIm
        yr[y2] = secondRe
        yi[y2] = secondIm
        yr[y3] = thirdRe
        yi[y3] = thirdIm
        continue
      }
      const c1 = cos[i] as number
      const s1 = sin[i] as number
      const c2 = cos[i + width] as number
      const s2 = sin[i + width] as number
      const c3 = cos[i + 2 * width] as number
      const s3 = sin[i + 2 * width] as number
      yr[y1] = firstRe * c1 + firstIm * s1
      yi[y1] = firstIm * c1 - firstRe * s1
      yr[y2] = secondRe * c2 + secondIm * s2
      yi[y2] = secondIm * c2 - secondRe * s2
      yr[y3] = thirdRe * c3 + thirdIm * s3
      yi[y3] = thirdIm * c3 - thirdRe * s3
    }
  }
}

const [cos72, sin72] = [Math.cos((2 * Math.PI) / 5), Math.sin((2 * Math.PI) / 5)]
const [cos144, sin144] = [Math.cos((4 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)]

/** Numbers that mirror each other share their cosines and, but for the sign, their sines. */
const fives: Butterflies = ({ width, count, cos, sin }, { re: xr, im: xi }, { re: yr, im: yi }) => {
  const apart = width * count
  /** Writes a result that is turned by its power of the root. */
  const put = (to: number, turn: number, re: number, im: number): void => {
    const c = cos[turn] as number
    const s = sin[turn] as number
    yr[to] = re * c + im * s
    yi[to] = im * c - re * s
  }
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < width; i++) {
      const x0 = i + width * 5 * k
      const x1 = x0 + width
      const x2 = x1 + width
      const x3 = x2 + width
      const x4 = x3 + width
      const to = i + width * k
      const nearRe = (xr[x1] as number) + (xr[x4] as number)
      const nearIm = (xi[x1] as number) + (xi[x4] as number)
      const farRe = (xr[x2] as number) + (xr[x3] as number)
      const farIm = (xi[x2] as number) + (xi[x3] as number)
      const nearLessRe = (xr[x1] as number) - (xr[x4] as number)
      const nearLessIm = (xi[x1] as number) - (xi[x4] as number)
      const farLessRe = (xr[x2] as number) - (xr[x3] as number)
      const farLessIm = (xi[x2] as number) - (xi[x3] as number)
      const re = xr[x0] as number
      const im = xi[x0] as number
      yr[to] = re + nearRe + farRe
      yi[to] = im + nearIm + farIm
      const evenRe = re + cos72 * nearRe + cos144 * farRe
      const evenIm = im + cos72 * nearIm + cos144 * farIm
      const oddRe = sin72 * nearLessRe + sin144 * farLessRe
      const oddIm = sin72 * nearLessIm + sin144 * farLessIm
      const evenRe2 = re + cos144 * nearRe + cos72 * farRe
      const evenIm2 = im + cos144 * nearIm + cos72 * farIm
      const oddRe2 = sin144 * nearLessRe - sin72 * farLessRe
      const oddIm2 = sin144 * nearLessIm - sin72 * farLessIm
      put(to + apart, i, evenRe + oddIm, evenIm - oddRe)
      put(to + 2 * apart, i + width, evenRe2 + oddIm2, evenIm2 - oddRe2)
      put(to + 3 * apart, i + 2 * width, evenRe2 - oddIm2, evenIm2 + oddRe2)
      put(to + 4 * apart, i + 3 * width, evenRe - oddIm, evenIm + oddRe)
    }
  }
}

/** By the definition: each of the results is the sum of all numbers, turned. */
const butterflyOfAny: Butterflies = ({ radix, width, count, cos, sin }, x, y) => {
  const apart = width * count
  const roots = complexZeros(radix)
  for (let j = 0; j < radix; j++) {
    roots.re[j] = Math.cos((2 * Math.PI * j) / radix)
    roots.im[j] = -Math.sin((2 * Math.PI * j) / radix)
  }
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < width; i++) {
      const from = i + width * radix * k
      const to = i + width * k
      for (let q = 0; q < radix; q++) {
        let re = 0
        let im = 0
        for (let j = 0, root = 0; j < radix; j++) {
          const a = x.re[from + j * width] as number
          const b = x.im[from + j * width] as number
          const c = roots.re[root] as number
          const s = roots.im[root] as number
          re += a * c - b * s
          im += a * s + b * c
          root += q
          if (root >= radix) root -= radix
        }
        const turn = (q - 1) * width + i
        const c = q === 0 ? 1 : (cos[turn] as number)
        const s = q === 0 ? 0 : (sin[turn] as number)
        y.re[to + q * apart] = re * c + im * s
        y.im[to + q * apart] = im * c - re * s
      }
    }
  }
}

const butterflies: ReadonlyMap<number, Butterflies> = new Map([
  [2, twos],
  [4, fours],
  [5, fives],
])
