/**
 * `generation/sampling/`: how a step of generation turns scores into the next token: processors of scores, one a file,
 * their order, and the choice itself. It knows `generation/logits-processor.ts` and typegrad's errors and options.
 */

/** 2^k for k = −1074 … 0, all of them exact. */
const powers = Float64Array.from({ length: 1075 }, (_, i) => 2 ** (i - 1074))
/** 2^(j / 64) for j = 0 … 63, by square roots, which every processor rounds alike. */
const roots = new Float64Array(64).fill(1)
for (let bit = 32, root = Math.SQRT2; bit >= 1; bit /= 2, root = Math.sqrt(root))
  for (let j = 0; j < 64; j++) if ((j & bit) !== 0) roots[j] = (roots[j] as number) * root
const stepsInOne = 92.33248261689366
/** ln 2 / 64 in two parts, of which the first has so few bits that a step's number times it is exact. */
const stepHigh = 0.010830424667801708
const stepLow = 2.8447437476627285e-11

/**
 * e^x for x ≤ 0 by sums and products alone, which every processor rounds alike: JavaScript leaves the last bits of
 * `Math.exp` to the engine, and one of them can decide which token is drawn.
 *
 * x = n·ln 2 / 64 + r with |r| ≤ ln 2 / 128; e^r by its series to r⁵, whose rest is below 2⁻⁵⁴ (Tang 1989, "Table-driven
 * implementation of the exponential function", https://doi.org/10.1145/63522.214389).
 */
export function exponential(x: number): number {
  if (x < -745) return 0
  const n = Math.floor(x * stepsInOne + 0.5)
  const r = x - n * stepHigh - n * stepLow
  const p = r + r * r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))))
  const root = roots[n & 63] as number
  return (root + root * p) * (powers[(n >> 6) + 1074] as number)
}

/** The largest score; −∞ where there is none. */
export function largest(logits: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) {
    const score = logits[i] as number
    if (score > most) most = score
  }
  return most
}

/** e^(score − largest) of each score, and their sum: probabilities are the one by the other. */
export function exponentials(logits: Float32Array): { readonly masses: Float64Array; readonly sum: number } {
  const most = largest(logits)
  const masses = new Float64Array(logits.length)
  let sum = 0
  for (let i = 0; i < logits.length; i++) {
    const mass = exponential((logits[i] as number) - most)
    masses[i] = mass
    sum += mass
  }
  return { masses, sum }
}
