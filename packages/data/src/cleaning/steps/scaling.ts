import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { MomentLearner, rangeOf, scaleOf } from '../statistics/moments.ts'
import { normalQuantile } from '../statistics/normal-distribution.ts'
import { type QuantileMethod, quantileLearner } from '../statistics/quantiles.ts'
import { isNumbers } from '../step.ts'
import { defineNumeric } from './numeric-step.ts'

/** What numbers become: (x − centre) / scale. */
type Centred = readonly [centre: number, scale: number]
const isCentred = (part: unknown): part is Centred =>
  isNumbers(part) && part.length === 2 && part.every(Number.isFinite) && part[1] !== 0

const centred = {
  isLearned: isCentred,
  what: 'a centre and a scale',
  apply: (value: number, [centre, scale]: Centred): number => (value - centre) / scale,
  invert: (value: number, [centre, scale]: Centred): number => value * scale + centre,
}

export interface StandardizeOptions {
  /** Whether the mean becomes 0. Default true. */
  readonly center?: boolean
  /** Whether the standard deviation becomes 1. Default true. */
  readonly scale?: boolean
}

const standardizeChecks = optionsOf<StandardizeOptions>()({ center: checks.boolean, scale: checks.boolean })

export const standardize = defineNumeric<StandardizeOptions, Centred>({
  ...centred,
  kind: 'standardize',
  check: (where, options) => checkOptions(where, options, standardizeChecks),
  knows: {
    learner: ({ center = true, scale = true }) => {
      const moments = new MomentLearner()
      return {
        add: (values) => moments.add(values),
        get count() {
          return moments.count
        },
        finish: () => [center ? moments.mean : 0, scale ? scaleOf(moments) : 1],
      }
    },
  },
})

export interface MinMaxOptions {
  /** What the least number becomes, and the greatest. Default [0, 1]. */
  readonly range?: readonly [least: number, greatest: number]
  /** Whether numbers beyond those that were fitted to are clipped to the range. Default false. */
  readonly clip?: boolean
}

const minMaxChecks = optionsOf<MinMaxOptions>()({
  range: {
    expected: 'two finite numbers, the least first',
    accepts: (value) =>
      isNumbers(value) &&
      value.length === 2 &&
      value.every(Number.isFinite) &&
      (value[0] as number) < (value[1] as number),
  },
  clip: checks.boolean,
})

export const minMax = defineNumeric<MinMaxOptions, readonly [least: number, greatest: number]>({
  kind: 'minMax',
  check: (where, options) => checkOptions(where, options, minMaxChecks),
  what: 'the least and the greatest number',
  isLearned: (part): part is Centred => isNumbers(part) && part.length === 2 && part.every(Number.isFinite),
  knows: {
    learner: () => {
      const moments = new MomentLearner()
      return {
        add: (values) => moments.add(values),
        get count() {
          return moments.count
        },
        finish: () => [moments.least, moments.greatest],
      }
    },
  },
  apply: (value, [least, greatest], { range: [low, high] = [0, 1], clip = false }) => {
    const scale = (high - low) / rangeOf(greatest - least)
    const scaled = value * scale + (low - least * scale)
    return clip ? Math.min(high, Math.max(low, scaled)) : scaled
  },
  invert: (value, [least, greatest], { range: [low, high] = [0, 1] }) => {
    const scale = (high - low) / rangeOf(greatest - least)
    return (value - (low - least * scale)) / scale
  },
})

export interface RobustScaleOptions {
  /** Whether the median becomes 0. Default true. */
  readonly center?: boolean
  /** Whether the range between the two quantiles becomes 1. Default true. */
  readonly scale?: boolean
  /** The shares whose quantiles make the range. Default [0.25, 0.75]. */
  readonly range?: readonly [lower: number, upper: number]
  /** Whether the range is divided by what it is of a normal distribution, so that such numbers get a deviation of 1. Default false. */
  readonly unitVariance?: boolean
  /** Of all numbers, 8 bytes each while it is fitted, or of a sketch of bounded size, with ranks off by about 0.1 %. Default 'exact'. */
  readonly quantiles?: QuantileMethod
}

export const sharesCheck: { readonly expected: string; readonly accepts: (value: unknown) => boolean } = {
  expected: 'two shares from 0 to 1, the lower one first',
  accepts: (value) =>
    isNumbers(value) &&
    value.length === 2 &&
    0 <= (value[0] as number) &&
    (value[0] as number) < (value[1] as number) &&
    (value[1] as number) <= 1,
}

const robustChecks = optionsOf<RobustScaleOptions>()({
  center: checks.boolean,
  scale: checks.boolean,
  range: sharesCheck,
  unitVariance: checks.boolean,
  quantiles: checks.oneOf('exact', 'sketch'),
})

export const robustScale = defineNumeric<RobustScaleOptions, Centred>({
  ...centred,
  kind: 'robustScale',
  check: (where, options) => {
    checkOptions(where, options, robustChecks)
    const { range = [0.25, 0.75], unitVariance = false } = options as RobustScaleOptions
    if (unitVariance && (range[0] === 0 || range[1] === 1))
      throw new ArgumentError({
        where: `${where}: range`,
        expected:
          'shares above 0 and below 1 with unitVariance: the ends of a normal distribution are infinite',
        received: range.join(' and '),
      })
  },
  knows: {
    learner: ({
      center = true,
      scale = true,
      range = [0.25, 0.75],
      unitVariance = false,
      quantiles = 'exact',
    }) => {
      const learner = quantileLearner(quantiles)
      return {
        add: (values) => learner.add(values),
        get count() {
          return learner.count
        },
        finish: () => {
          const [lower, median, upper] = learner.at([range[0], 0.5, range[1]]) as [number, number, number]
          const width = rangeOf(upper - lower)
          const usual = unitVariance ? normalQuantile(range[1]) - normalQuantile(range[0]) : 1
          return [center ? median : 0, scale ? width / usual : 1]
        },
      }
    },
  },
})
