import { type Fraction, normalFractions } from './normal-fractions.ts'

/** erfc(x) to the last digits: the series of erf near 0, the continued fraction of erfc beyond (Abramowitz and Stegun, 7.1.6 and 7.1.14). */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < 0) return 2 - erfc(-x)
  if (x > 27) return 0
  if (x < 2.5) {
    // erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms are positive.
    let [term, sum] = [x, x]
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  // √π e^(x²) erfc(x) = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), from the end.
  let tail = 0
  for (let k = 160; k > 0; k--) tail = k / 2 / (x + tail)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail)
}

/** The share of a normal distribution below x. */
export const normalCdf = (x: number): number => 0.5 * erfc(-x / Math.SQRT2)

/** Where so much of a normal distribution lies below, to 16 digits. −∞ at 0, ∞ at 1. */
export function normalQuantile(share: number): number {
  if (!(share >= 0 && share <= 1)) return Number.NaN
  if (share === 0) return -Infinity
  if (share === 1) return Infinity
  const centred = share - 0.5
  if (Math.abs(centred) <= 0.425)
    return centred * fractionAt(normalFractions.middle, 0.180625 - centred * centred)
  const root = Math.sqrt(-Math.log(Math.min(share, 1 - share)))
  const size =
    root <= 5 ? fractionAt(normalFractions.tail, root - 1.6) : fractionAt(normalFractions.farTail, root - 5)
  return Math.sign(centred) * size
}

const fractionAt = ({ above, below }: Fraction, x: number): number =>
  polynomial(above, x) / polynomial(below, x)

/** Horner's rule. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + (coefficients[i] as number)
  return sum
}
