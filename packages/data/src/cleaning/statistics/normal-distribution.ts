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

/**
 * Where so much of a normal distribution lies below: Halley's steps on the distribution from a rough beginning (Abramowitz and
 * Stegun, 26.2.23). −∞ at 0, ∞ at 1.
 */
export function normalQuantile(share: number): number {
  if (!(share >= 0 && share <= 1)) return Number.NaN
  if (share === 0) return -Infinity
  if (share === 1) return Infinity
  // In the lower half, where small shares keep their digits.
  if (share > 0.5) return -lowerQuantile(1 - share)
  return lowerQuantile(share)
}

function lowerQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(share))
  let x =
    -t +
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  for (let step = 0; step < 3; step++) {
    const error = (0.5 * erfc(-x / Math.SQRT2) - share) / (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI))
    x -= error / (1 + (x * error) / 2)
  }
  return x
}
