/** Numbers with imaginary parts, in two arrays. */
export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

const complex = (length: number): Complex => ({ re: new Float64Array(length), im: new Float64Array(length) })

/**
 * A discrete Fourier transform of one length, which may be any: X(k) = Σ x(n) · e^(−2πi·k·n/N).
 *
 * A length of r · m is r transforms of length m, each over every r-th number, put together with powers of e^(−2πi/N); so on
 * for all prime factors of the length (Cooley and Tukey 1965, "An algorithm for the machine calculation of complex Fourier
 * series", https://doi.org/10.1090/S0025-5718-1965-0178586-1).
 */
export class FourierTransform {
  readonly length: number
  readonly #factors: readonly number[]
  readonly #roots: Complex
  readonly #scratch: Complex

  constructor(length: number) {
    this.length = length
    this.#factors = primeFactors(length)
    this.#roots = complex(length)
    this.#scratch = complex(length)
    for (let n = 0; n < length; n++) {
      this.#roots.re[n] = Math.cos((2 * Math.PI * n) / length)
      this.#roots.im[n] = -Math.sin((2 * Math.PI * n) / length)
    }
  }

  /** Writes the transform of `x` to `out`, which is another array. */
  transform(x: Complex, out: Complex): void {
    this.#part(x, 0, 1, out, 0, this.length, 0)
  }

  /** The transform of `length` numbers from `start` on, every `stride`-th, to `out` from `to` on. */
  #part(x: Complex, start: number, stride: number, out: Complex, to: number, length: number, depth: number) {
    if (length === 1) {
      out.re[to] = x.re[start] as number
      out.im[to] = x.im[start] as number
      return
    }
    const radix = this.#factors[depth] as number
    const m = length / radix
    for (let r = 0; r < radix; r++)
      this.#part(x, start + r * stride, stride * radix, out, to + r * m, m, depth + 1)
    const { re: cos, im: sin } = this.#roots
    const { re, im } = this.#scratch
    const end = to + length
    for (let k = 0; k < length; k++) {
      let sumRe = 0
      let sumIm = 0
      // e^(−2πi·k·r/length) among the roots of the whole: `stride` of those are one of this length.
      let root = 0
      for (let at = to + (k % m); at < end; at += m) {
        const a = out.re[at] as number
        const b = out.im[at] as number
        const c = cos[root] as number
        const s = sin[root] as number
        sumRe += a * c - b * s
        sumIm += a * s + b * c
        root += k * stride
        if (root >= this.length) root -= this.length
      }
      re[k] = sumRe
      im[k] = sumIm
    }
    out.re.set(re.subarray(0, length), to)
    out.im.set(im.subarray(0, length), to)
  }
}

function primeFactors(length: number): readonly number[] {
  const factors: number[] = []
  let rest = length
  for (let prime = 2; rest > 1; prime++)
    while (rest % prime === 0) {
      factors.push(prime)
      rest /= prime
    }
  return factors
}
