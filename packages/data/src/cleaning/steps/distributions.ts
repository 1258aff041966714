import { checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { minimize } from '../statistics/minimize.ts'
import { MomentLearner, scaleOf } from '../statistics/moments.ts'
import { normalCdf, normalQuantile } from '../statistics/normal-distribution.ts'
import { KeptNumbers, type QuantileMethod, quantileLearner } from '../statistics/quantiles.ts'
import { isNumbers } from '../step.ts'
import { defineNumeric } from './numeric-step.ts'

export interface QuantileTransformOptions {
  /** The distribution that numbers get. Default 'uniform', from 0 to 1. */
  readonly output?: 'uniform' | 'normal'
  /** How many quantiles are learned; no more than there are rows. Default 1000. */
  readonly count?: number
  /** Of all numbers, 8 bytes each while it is fitted, or of a sketch of bounded size, with ranks off by about 0.1 %. Default 'exact'. */
  readonly quantiles?: QuantileMethod
}

const quantileChecks = optionsOf<QuantileTransformOptions>()({
  output: checks.oneOf('uniform', 'normal'),
  count: checks.count,
  quantiles: checks.oneOf('exact', 'sketch'),
})

/** How near to an end a number counts as the end, and how far normal numbers reach (±5.2). */
const edge = 1e-7

export const quantileTransform = defineNumeric<QuantileTransformOptions, readonly number[]>({
  kind: 'quantileTransform',
  check: (where, options) => checkOptions(where, options, quantileChecks),
  what: 'quantiles in order',
  isLearned: (part): part is readonly number[] =>
    isNumbers(part) &&
    part.length > 0 &&
    part.every((value, i) => Number.isFinite(value) && value >= (part[i - 1] ?? -Infinity)),
  knows: {
    learner: ({ count = 1000, quantiles = 'exact' }) => {
      const learner = quantileLearner(quantiles)
      let rows = 0
      return {
        add: (values) => {
          rows += values.length
          learner.add(values)
        },
        get count() {
          return learner.count
        },
        finish: () => {
          const n = Math.min(count, rows)
          // Shares rounded as NumPy's linspace and percentile round them: of equal numbers, the last digit of a share decides
          // which of them a quantile is, and with it what the others become.
          const shares = Array.from({ length: n }, (_, i) =>
            i === n - 1 && i > 0 ? 1 : (i * (1 / Math.max(1, n - 1)) * 100) / 100,
          )
          let last = -Infinity
          // Rounding must not put one below the one before it.
          return learner.at(shares).map((value) => {
            last = Math.max(last, value)
            return last
          })
        },
      }
    },
  },
  apply: (value, quantiles, { output = 'uniform' }) => {
    const [first, last] = [quantiles[0] as number, quantiles.at(-1) as number]
    const margin = output === 'normal' ? edge : 0
    let share = shareOf(value, quantiles)
    if (margin > 0 ? value + margin > last : value === last) share = 1
    if (margin > 0 ? value - margin < first : value === first) share = 0
    if (output === 'uniform') return share
    const most = -normalQuantile(edge - Number.EPSILON)
    return Math.min(most, Math.max(-most, normalQuantile(share)))
  },
  invert: (value, quantiles, { output = 'uniform' }) => {
    const share = output === 'normal' ? normalCdf(value) : value
    const margin = output === 'normal' ? edge : 0
    if (margin > 0 ? share - margin < 0 : share <= 0) return quantiles[0] as number
    if (margin > 0 ? share + margin > 1 : share >= 1) return quantiles.at(-1) as number
    const at = share * (quantiles.length - 1)
    const below = Math.floor(at)
    const [a, b] = [quantiles[below] as number, (quantiles[below + 1] ?? quantiles[below]) as number]
    return a + (b - a) * (at - below)
  },
})

const shareAt = (i: number, count: number): number => (count === 1 ? 0 : i / (count - 1))

/** The share of numbers below one; of one that is several quantiles, the middle of theirs. */
function shareOf(value: number, quantiles: readonly number[]): number {
  const low = firstFrom(quantiles, value)
  const n = quantiles.length
  if (low === n) return shareAt(n - 1, n)
  const at = quantiles[low] as number
  if (at === value) {
    // Quantiles low … high − 1 are the number itself.
    let high = low + 1
    while (high < n && quantiles[high] === value) high += 1
    return (shareAt(low, n) + shareAt(high - 1, n)) / 2
  }
  if (low === 0) return shareAt(0, n)
  const before = quantiles[low - 1] as number
  const share = shareAt(low - 1, n)
  return share + (shareAt(low, n) - share) * ((value - before) / (at - before))
}

/** The first place of sorted numbers that is no smaller than one. */
function firstFrom(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) >= value) high = middle
    else low = middle + 1
  }
  return low
}

export interface PowerTransformOptions {
  /** The family of powers: Yeo and Johnson's, or Box and Cox's, which takes numbers above 0 alone. Default 'yeoJohnson'. */
  readonly method?: 'yeoJohnson' | 'boxCox'
  /** Whether the powers get mean 0 and deviation 1. Default true. */
  readonly standardize?: boolean
}

const powerChecks = optionsOf<PowerTransformOptions>()({
  method: checks.oneOf('yeoJohnson', 'boxCox'),
  standardize: checks.boolean,
})

type Power = readonly [lambda: number, mean: number, scale: number]

interface PowerFamily {
  readonly apply: (value: number, lambda: number) => number
  readonly invert: (value: number, lambda: number) => number
  /** log |d apply / d value| without its factor (λ − 1). */
  readonly logSlope: (value: number) => number
}

const isNothing = (lambda: number): boolean => Math.abs(lambda) < Number.EPSILON

/**
 * (x^λ − 1)/λ (Box and Cox, "An analysis of transformations", 1964), and the family that takes all numbers (Yeo and Johnson, "A new
 * family of power transformations to improve normality or symmetry", 2000).
 */
const families: Readonly<Record<'yeoJohnson' | 'boxCox', PowerFamily>> = {
  boxCox: {
    apply: (x, lambda) => (isNothing(lambda) ? Math.log(x) : Math.expm1(lambda * Math.log(x)) / lambda),
    invert: (y, lambda) => (isNothing(lambda) ? Math.exp(y) : (y * lambda + 1) ** (1 / lambda)),
    logSlope: Math.log,
  },
  yeoJohnson: {
    apply: (x, lambda) => {
      if (x >= 0) return isNothing(lambda) ? Math.log1p(x) : Math.expm1(lambda * Math.log1p(x)) / lambda
      return isNothing(lambda - 2)
        ? -Math.log1p(-x)
        : -Math.expm1((2 - lambda) * Math.log1p(-x)) / (2 - lambda)
    },
    invert: (y, lambda) => {
      if (y >= 0) return isNothing(lambda) ? Math.expm1(y) : (y * lambda + 1) ** (1 / lambda) - 1
      return isNothing(lambda - 2) ? -Math.expm1(-y) : 1 - (-(2 - lambda) * y + 1) ** (1 / (2 - lambda))
    },
    logSlope: (x) => Math.sign(x) * Math.log1p(Math.abs(x)),
  },
}

/** λ for which the powers are most like normal numbers: −n/2 · log(variance) + (λ − 1) Σ logSlope is largest. */
function bestLambda(values: Float64Array, { apply, logSlope }: PowerFamily): number {
  const slopes = values.reduce((sum, value) => sum + logSlope(value), 0)
  const cost = (lambda: number): number => {
    const powers = values.map((value) => apply(value, lambda))
    const moments = new MomentLearner()
    moments.add(powers)
    const { variance } = moments
    return variance > 0 && Number.isFinite(variance)
      ? (values.length / 2) * Math.log(variance) - (lambda - 1) * slopes
      : Infinity
  }
  return minimize(cost, -2, 2)
}

export const powerTransform = defineNumeric<PowerTransformOptions, Power>({
  kind: 'powerTransform',
  check: (where, options) => checkOptions(where, options, powerChecks),
  what: 'a power, a mean and a scale',
  isLearned: (part): part is Power =>
    isNumbers(part) && part.length === 3 && part.every(Number.isFinite) && part[2] !== 0,
  refuse: (value, { method = 'yeoJohnson' }, place) => {
    if (method === 'yeoJohnson' || value > 0) return
    throw new DataError({
      where: place(),
      expected: 'numbers above 0, for Box and Cox’s powers',
      received: String(value),
      fix: "method: 'yeoJohnson' takes all numbers.",
    })
  },
  knows: {
    learner: ({ method = 'yeoJohnson', standardize = true }) => {
      const kept = new KeptNumbers()
      return {
        add: (values) => kept.add(values),
        get count() {
          return kept.count
        },
        finish: (): Power => {
          const { values } = kept
          // Of equal numbers every power is as good: they stay as they are.
          const isConstant = values.every((value) => value === values[0])
          const lambda = isConstant ? 1 : bestLambda(values, families[method])
          const powers = new MomentLearner()
          powers.add(values.map((value) => families[method].apply(value, lambda)))
          return standardize ? [lambda, powers.mean, scaleOf(powers)] : [lambda, 0, 1]
        },
      }
    },
  },
  apply: (value, [lambda, mean, scale], { method = 'yeoJohnson' }) =>
    (families[method].apply(value, lambda) - mean) / scale,
  invert: (value, [lambda, mean, scale], { method = 'yeoJohnson' }) =>
    families[method].invert(value * scale + mean, lambda),
})
