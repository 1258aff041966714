import { type Complex, complexZeros, FourierTransform } from './fourier.ts'

/**
 * The discrete Fourier transform of real numbers: X(k) = Σ x(n) · e^(−2πi·k·n/N) for k up to N/2, of which the others are
 * the mirror image.
 *
 * An even length is half as many complex numbers, x(2n) + i·x(2n+1): their transform Z has those of the even and the odd
 * numbers, E(k) = (Z(k) + Z*(N/2−k))/2 and O(k) = (Z(k) − Z*(N/2−k))/2i, and X(k) = E(k) + e^(−2πi·k/N)·O(k) (Press et al.,
 * Numerical Recipes, 12.3.2).
 *
 * @example
 * const transform = new RealFourierTransform(400)
 * const spectrum = complexZeros(transform.bins) // 201
 * transform.transform(samples, spectrum)
 */
export class RealFourierTransform {
  readonly length: number
  /** How many frequencies there are, from 0 on: ⌊length/2⌋ + 1. */
  readonly bins: number
  readonly #inner: FourierTransform
  readonly #packed: Complex
  readonly #transformed: Complex
  /** e^(−2πi·k/N) of an even length. */
  readonly #roots: Complex

  constructor(length: number) {
    this.length = length
    this.bins = Math.floor(length / 2) + 1
    const size = length % 2 === 0 ? length / 2 : length
    this.#inner = new FourierTransform(size)
    this.#packed = complexZeros(size)
    this.#transformed = complexZeros(size)
    this.#roots = complexZeros(this.bins)
    for (let k = 0; k < this.bins; k++) {
      this.#roots.re[k] = Math.cos((2 * Math.PI * k) / length)
      this.#roots.im[k] = -Math.sin((2 * Math.PI * k) / length)
    }
  }

  /** Writes the transform of `length` numbers to `bins` ones. */
  transform(x: Float64Array, out: Complex): void {
    const { re: zr, im: zi } = this.#transformed
    if (this.length % 2 === 1) {
      this.#packed.re.set(x)
      this.#inner.transform(this.#packed, this.#transformed)
      out.re.set(zr.subarray(0, this.bins))
      out.im.set(zi.subarray(0, this.bins))
      return
    }
    const half = this.length / 2
    const { re: packedRe, im: packedIm } = this.#packed
    for (let n = 0; n < half; n++) {
      packedRe[n] = x[2 * n] as number
      packedIm[n] = x[2 * n + 1] as number
    }
    this.#inner.transform(this.#packed, this.#transformed)
    const { re, im } = out
    const { re: cos, im: sin } = this.#roots
    // Z(0) is its own mirror image, and the odd numbers' sum counts against the even ones' at the highest frequency.
    re[0] = (zr[0] as number) + (zi[0] as number)
    im[0] = 0
    re[half] = (zr[0] as number) - (zi[0] as number)
    im[half] = 0
    for (let k = 1; k < half; k++) {
      const aRe = zr[k] as number
      const aIm = zi[k] as number
      const bRe = zr[half - k] as number
      const bIm = zi[half - k] as number
      const evenRe = (aRe + bRe) / 2
      const evenIm = (aIm - bIm) / 2
      const oddRe = (aIm + bIm) / 2
      const oddIm = (bRe - aRe) / 2
      const c = cos[k] as number
      const s = sin[k] as number
      re[k] = evenRe + oddRe * c - oddIm * s
      im[k] = evenIm + oddRe * s + oddIm * c
    }
  }
}
