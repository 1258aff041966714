import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type QuantileMethod, quantileLearner } from '../statistics/quantiles.ts'
import { isNumbers } from '../step.ts'
import { defineNumeric } from './numeric-step.ts'
import { sharesCheck } from './scaling.ts'

export interface ClipOptions {
  /** The least that a number may be; those below become it. Default none. */
  readonly min?: number
  /** The most that a number may be; those above become it. Default none. */
  readonly max?: number
}

const clipChecks = optionsOf<ClipOptions>()({ min: checks.finite, max: checks.finite })

type Limits = readonly [least: number, greatest: number]
const isLimits = (part: unknown): part is Limits =>
  isNumbers(part) && part.length === 2 && (part[0] as number) <= (part[1] as number)

const clipped = (value: number, [least, greatest]: Limits): number =>
  Math.min(greatest, Math.max(least, value))

export const clip = defineNumeric<ClipOptions, Limits>({
  kind: 'clip',
  check: (where, options) => {
    checkOptions(where, options, clipChecks)
    const { min = -Infinity, max = Infinity } = options as ClipOptions
    if ((options as ClipOptions).min === undefined && (options as ClipOptions).max === undefined)
      throw new ArgumentError({ where, expected: 'min, max, or both', received: 'neither' })
    if (min > max)
      throw new ArgumentError({ where, expected: 'min ≤ max', received: `min ${min}, max ${max}` })
  },
  what: 'two limits',
  isLearned: isLimits,
  knows: { fixed: ({ min = -Infinity, max = Infinity }) => [min, max] },
  apply: clipped,
  invert: null,
})

export interface WinsorizeOptions {
  /** The shares whose quantiles become the limits. Default [0.05, 0.95]. */
  readonly range?: readonly [lower: number, upper: number]
  /** Of all numbers, 8 bytes each while it is fitted, or of a sketch of bounded size, with ranks off by about 0.1 %. Default 'exact'. */
  readonly quantiles?: QuantileMethod
}

const winsorizeChecks = optionsOf<WinsorizeOptions>()({
  range: sharesCheck,
  quantiles: checks.oneOf('exact', 'sketch'),
})

export const winsorize = defineNumeric<WinsorizeOptions, Limits>({
  kind: 'winsorize',
  check: (where, options) => checkOptions(where, options, winsorizeChecks),
  what: 'two limits',
  isLearned: isLimits,
  knows: {
    learner: ({ range = [0.05, 0.95], quantiles = 'exact' }) => {
      const learner = quantileLearner(quantiles)
      return {
        add: (values) => learner.add(values),
        get count() {
          return learner.count
        },
        finish: () => learner.at(range) as unknown as Limits,
      }
    },
  },
  apply: clipped,
  invert: null,
})
