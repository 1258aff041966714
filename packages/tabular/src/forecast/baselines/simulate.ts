import { hostNormal, hostRandom } from 'typegrad/core'

export interface QuantilePaths {
  readonly levels: readonly number[]
  readonly seed: number
  /** The point forecast, which the quantile of 0.5 is to be. */
  readonly middle: Float64Array
  /** The standard deviation of errors. */
  readonly deviation: number
  /** How many are drawn. */
  readonly paths: number
  /** Values of the steps ahead, each with an error of its own. */
  readonly path: (error: () => number) => Float64Array
}

/**
 * Quantiles of a model's futures, which are drawn. Each path is followed by its mirror, whose errors have the other sign, so that middles
 * lie where they belong.
 */
export function quantilesOfPaths({
  levels,
  seed,
  middle,
  deviation,
  paths,
  path,
}: QuantilePaths): Float64Array[] {
  if (deviation === 0) return levels.map(() => Float64Array.from(middle))
  const normal = hostNormal(hostRandom(seed, 0xf07e))
  const drawn: Float64Array[] = []
  while (drawn.length < paths) {
    const errors = middle.map(() => deviation * normal())
    for (const sign of [1, -1]) {
      let at = 0
      drawn.push(path(() => sign * (errors[at++] as number)))
    }
  }
  const quantiles = levels.map(() => new Float64Array(middle.length))
  middle.forEach((point, k) => {
    const sorted = Float64Array.from(drawn, (one) => one[k] as number).sort()
    const shift = point - quantileOf(sorted, 0.5)
    levels.forEach((level, i) => {
      ;(quantiles[i] as Float64Array)[k] = quantileOf(sorted, level) + shift
    })
  })
  return quantiles
}

/** The quantile of ascending values, between two of them in proportion. */
export function quantileOf(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const below = Math.floor(at)
  const left = sorted[below] as number
  return left + (at - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - left)
}
