/**
 * `generation/sampling/`: how a step of generation turns scores into the next token: processors of scores, one a file,
 * their order, and the choice itself. It knows `generation/logits-processor.ts` and typegrad's errors and options.
 */

/** 2^k for k = −1074 … 0: exact, so that scaling rounds at most once. */
const powers = Float64Array.from({ length: 1075 }, (_, i) => 2 ** (i - 1074))
const log2e = 1.4426950408889634
/** ln 2 in two parts, of which the first has so few bits that k times it is exact. */
const ln2High = 6.9314718036912381649e-1
const ln2Low = 1.90821492927058770002e-10

/**
 * e^x for x ≤ 0 by sums and products alone, which every processor rounds alike: JavaScript leaves the last bits of
 * `Math.exp` to the engine, and one of them can decide which token is drawn.
 *
 * x = k·ln 2 + r with |r| ≤ ln 2 / 2; e^r by its series to r¹³, whose rest is below 2⁻⁵⁶.
 */
export function exponential(x: number): number {
  if (!(x > -745)) return x === x ? 0 : Number.NaN
  const k = Math.floor(x * log2e + 0.5)
  const r = x - k * ln2High - k * ln2Low
  let sum = 1 / 6227020800
  sum = sum * r + 1 / 479001600
  sum = sum * r + 1 / 39916800
  sum = sum * r + 1 / 3628800
  sum = sum * r + 1 / 362880
  sum = sum * r + 1 / 40320
  sum = sum * r + 1 / 5040
  sum = sum * r + 1 / 720
  sum = sum * r + 1 / 120
  sum = sum * r + 1 / 24
  sum = sum * r + 1 / 6
  sum = sum * r + 1 / 2
  sum = sum * r + 1
  sum = sum * r + 1
  return sum * (powers[k + 1074] as number)
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
