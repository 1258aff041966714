import { ArgumentError } from '../base/errors.ts'
import { number, optionsOf } from '../base/options.ts'
import { divideNoNaN } from '../losses/reduction.ts'
import { add } from '../ops/arithmetic.ts'
import { greaterEqual, where } from '../ops/comparison.ts'
import { max } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Accumulator } from './accumulator.ts'
import { type ConfusionCounts, confusionCounts } from './confusion.ts'
import { Metric, type MetricOptions, metricChecks } from './metric.ts'

export interface BestThresholdOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 are tried. Default 200. */
  readonly numThresholds?: number | undefined
  /** Only this class counts: a position along the last axis. Default: all. */
  readonly classId?: number | undefined
}

export const bestThresholdChecks = optionsOf<BestThresholdOptions>()({
  numThresholds: number,
  classId: number,
  ...metricChecks,
})

/** A ratio that a threshold has: the first count over the sum of both. */
export type Ratio = readonly [keyof ConfusionCounts, keyof ConfusionCounts]

export const precisionRatio: Ratio = ['truePositives', 'falsePositives']
/** Also called sensitivity. */
export const recallRatio: Ratio = ['truePositives', 'falseNegatives']
export const specificityRatio: Ratio = ['trueNegatives', 'falsePositives']

/** The best ratio among the thresholds at which another one is at least a given value. */
export abstract class BestThreshold extends Metric {
  readonly numThresholds: number
  readonly classId: number | undefined
  readonly #limit: number
  readonly #limited: Ratio
  readonly #wanted: Ratio
  readonly #thresholds: readonly number[]
  readonly #counts: Readonly<Record<keyof ConfusionCounts, Accumulator>>

  constructor(
    { numThresholds = 200, classId, ...options }: BestThresholdOptions,
    name: string,
    [option, limit]: readonly [string, number],
    { limited, wanted }: { readonly limited: Ratio; readonly wanted: Ratio },
  ) {
    super(options, name)
    if (!(limit >= 0 && limit <= 1)) {
      throw new ArgumentError({
        where: this.name,
        expected: `${option} from 0 to 1`,
        received: String(limit),
      })
    }
    if (!Number.isInteger(numThresholds) || numThresholds < 1) {
      throw new ArgumentError({
        where: this.name,
        expected: 'a whole number of at least 1 for numThresholds',
        received: String(numThresholds),
      })
    }
    this.numThresholds = numThresholds
    this.classId = classId
    this.#limit = limit
    this.#limited = limited
    this.#wanted = wanted
    this.#thresholds =
      numThresholds === 1 ? [0.5] : Array.from({ length: numThresholds }, (_, i) => i / (numThresholds - 1))
    const counted = (count: string): Accumulator => this.addSum(count, [numThresholds])
    this.#counts = {
      truePositives: counted('true_positives'),
      falsePositives: counted('false_positives'),
      trueNegatives: counted('true_negatives'),
      falseNegatives: counted('false_negatives'),
    }
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const options = { thresholds: this.#thresholds, classId: this.classId }
    const counts = confusionCounts(this.className, yTrue, yPred, sampleWeight, options)
    for (const [kind, sum] of Object.entries(this.#counts)) sum.add(counts[kind as keyof ConfusionCounts])
  }

  override result(): Tensor {
    const ratio = ([a, b]: Ratio): Tensor => {
      const first = this.#counts[a].value
      return divideNoNaN(first, add(first, this.#counts[b].value))
    }
    const feasible = greaterEqual(ratio(this.#limited), this.#limit)
    return max(where(feasible, ratio(this.#wanted), 0))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numThresholds: this.numThresholds, classId: this.classId ?? null }
  }
}
