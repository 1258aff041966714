import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type QuantileMethod, quantileLearner } from '../statistics/quantiles.ts'
import { isNumbers } from '../step.ts'
import { defineNumeric } from './numeric-step.ts'

export interface DiscretizeOptions {
  /** How many bins there are; fewer where quantiles are the same. Default 5. */
  readonly bins?: number
  /** Bins of equal width, or with equally many numbers. Default 'quantile'. */
  readonly strategy?: 'uniform' | 'quantile'
  /** Of all numbers, 8 bytes each while it is fitted, or of a sketch of bounded size, with ranks off by about 0.1 %. Default 'exact'. */
  readonly quantiles?: QuantileMethod
}

const discretizeChecks = optionsOf<DiscretizeOptions>()({
  bins: checks.wholeFrom(2),
  strategy: checks.oneOf('uniform', 'quantile'),
  quantiles: checks.oneOf('exact', 'sketch'),
})

/** The number of the bin that a number is in, from 0; those beyond the ends are in the first and the last. Learned: the edges. */
export const discretize = defineNumeric<DiscretizeOptions, readonly number[]>({
  kind: 'discretize',
  check: (where, options) => checkOptions(where, options, discretizeChecks),
  what: 'edges of bins in order',
  isLearned: (part): part is readonly number[] =>
    isNumbers(part) &&
    part.length >= 2 &&
    part.every((edge, i) => Number.isFinite(edge) && edge >= (part[i - 1] ?? -Infinity)),
  knows: {
    learner: ({ bins = 5, strategy = 'quantile', quantiles = 'exact' }) => {
      const learner = quantileLearner(quantiles)
      return {
        add: (values) => learner.add(values),
        get count() {
          return learner.count
        },
        finish: (place) => {
          const shares = Array.from({ length: bins + 1 }, (_, i) => i / bins)
          const [least, greatest] = learner.at([0, 1]) as [number, number]
          const all =
            strategy === 'quantile'
              ? learner.at(shares)
              : shares.map((share) => least + share * (greatest - least))
          // Bins narrower than 1e-8 are joined, as scikit-learn does.
          const edges = all.filter((edge, i) => i === 0 || edge - (all[i - 1] as number) > 1e-8)
          if (edges.length >= 2) return edges
          throw new ArgumentError({
            where: place,
            expected: 'numbers that differ',
            received: `${least} alone`,
            fix: 'cleaning.dropConstant() leaves such columns out.',
          })
        },
      }
    },
  },
  apply: (value, edges) => {
    let bin = 0
    while (bin < edges.length - 2 && value >= (edges[bin + 1] as number)) bin += 1
    return bin
  },
  /** The middle of the bin. */
  invert: (value, edges) => {
    const bin = Math.min(edges.length - 2, Math.max(0, Math.round(value)))
    return ((edges[bin] as number) + (edges[bin + 1] as number)) / 2
  },
})
