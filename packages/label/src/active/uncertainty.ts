/**
 * `active/`: which samples are worth a person's time: how unsure a model is, and how unlike each other they are. It knows what
 * answers are, and no files and no server.
 */

/**
 * How unsure the probabilities p of classes are, larger for what is less sure (Settles, Active Learning Literature Survey, 2009,
 * section 3.1):
 *
 * ```
 * leastConfidence   1 − p₁              p₁ the largest
 * margin            1 − (p₁ − p₂)       p₂ the second largest
 * entropy           −Σ pᵢ ln pᵢ
 * ```
 */
export const uncertainty = {
  leastConfidence: (p: ArrayLike<number>): number => 1 - largestTwo(p)[0],
  margin(p: ArrayLike<number>): number {
    const [first, second] = largestTwo(p)
    return 1 - (first - second)
  },
  entropy: (p: ArrayLike<number>): number =>
    Array.from(p).reduce((sum, value) => (value > 0 ? sum - value * Math.log(value) : sum), 0),
} as const

export type UncertaintyMeasure = keyof typeof uncertainty

/** Several classes at once: the mean of what each is by itself, as present or not. */
export function multiUncertainty(measure: UncertaintyMeasure, p: ArrayLike<number>): number {
  if (p.length === 0) return 0
  return Array.from(p).reduce((sum, value) => sum + uncertainty[measure]([value, 1 - value]), 0) / p.length
}

function largestTwo(p: ArrayLike<number>): readonly [first: number, second: number] {
  let [first, second] = [0, 0]
  for (let i = 0; i < p.length; i++) {
    const value = p[i] as number
    if (value > first) [first, second] = [value, first]
    else if (value > second) second = value
  }
  return [first, second]
}
