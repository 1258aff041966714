const [steps, halvings] = [100, 40]

/** ∫₀^angle cos^power, by Simpson's rule. */
function powerOfCosine(angle: number, power: number): number {
  const width = angle / steps
  let sum = 0
  for (let i = 0; i <= steps; i++)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.max(0, Math.cos(i * width)) ** power
  return (sum * width) / 3
}

/**
 * The quantile of Student's t distribution, to three decimals: with t = √ν tan φ its distribution function is 1/2 + ∫₀^φ cos^(ν−1) / (2 ∫₀^(π/2) cos^(ν−1)),
 * which is halved until it holds the level.
 *
 * @param freedom its degrees of freedom, ν: at least 1, and not whole as needed.
 */
export function studentQuantile(level: number, freedom: number): number {
  if (level < 0.5) return -studentQuantile(1 - level, freedom)
  const share = 2 * (level - 0.5) * powerOfCosine(Math.PI / 2, freedom - 1)
  let [low, high] = [0, Math.PI / 2]
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2
    if (powerOfCosine(middle, freedom - 1) < share) low = middle
    else high = middle
  }
  return Math.sqrt(freedom) * Math.tan(low)
}
