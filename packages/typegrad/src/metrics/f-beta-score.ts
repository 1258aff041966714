import { epsilon } from '../base/epsilon.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, number, optionsOf } from '../base/options.ts'
import { formatShape, sameShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { alignedWeight } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { greater, greaterEqual, logicalAnd } from '../ops/comparison.ts'
import { abs } from '../ops/elementwise.ts'
import { max, mean, sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { BatchShapedMetric } from './batch-shaped.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'

const averages = ['none', 'micro', 'macro', 'weighted'] as const

export interface F1ScoreOptions extends MetricOptions {
  /**
   * What the classes' scores become: a vector (`'none'`), the score of all decisions together (`'micro'`), their
   * mean (`'macro'`), or their mean by the number of labels (`'weighted'`). Default `'none'`.
   */
  readonly average?: (typeof averages)[number] | undefined
  /** Scores above it mean 1. Default: the largest score of a row does. */
  readonly threshold?: number | undefined
}

export const f1ScoreChecks = optionsOf<F1ScoreOptions>()({
  average: anything,
  threshold: number,
  ...metricChecks,
})

export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How much more recall counts than precision. Default 1. */
  readonly beta?: number | undefined
}

export const fBetaScoreChecks = optionsOf<FBetaScoreOptions>()({ beta: number, ...f1ScoreChecks })

type Sums = 'right' | 'wrong' | 'missed' | 'labels'

/** See {@link fBetaScore}. */
@takes(fBetaScoreChecks)
export class FBetaScore extends BatchShapedMetric<Sums> {
  readonly className: string = 'FBetaScore'
  readonly average: (typeof averages)[number]
  readonly beta: number
  readonly threshold: number | undefined

  constructor(
    { average = 'none', beta = 1, threshold, ...options }: FBetaScoreOptions = {},
    name = 'fbeta_score',
  ) {
    super(options, name, {
      right: 'true_positives',
      wrong: 'false_positives',
      missed: 'false_negatives',
      labels: 'intermediate_weights',
    })
    const refuse = (expected: string, received: unknown): never => {
      throw new ArgumentError({ where: this.name, expected, received: String(received) })
    }
    if (!averages.includes(average)) refuse(`an average of ${averages.join(', ')}`, average)
    if (!(beta > 0)) refuse('a beta above 0', beta)
    if (threshold !== undefined && !(threshold > 0 && threshold <= 1)) {
      refuse('a threshold above 0 and at most 1', threshold)
    }
    this.average = average
    this.beta = beta
    this.threshold = threshold
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    if (yPred.rank !== 2 || !sameShape(yTrue.shape, yPred.shape)) {
      throw new ShapeError({
        where: this.className,
        expected: 'labels and predictions (batch, classes) of one shape',
        received: `${formatShape(yTrue.shape)} and ${formatShape(yPred.shape)}`,
      })
    }
    const labels = cast(yTrue, 'float32')
    const guesses = cast(this.#guesses(cast(yPred, 'float32')), 'float32')
    const weight =
      sampleWeight === undefined ? undefined : alignedWeight(labels, cast(sampleWeight, 'float32'))[1]
    const over = (values: Tensor): Tensor => {
      const weighted = weight === undefined ? values : mul(values, weight)
      return sum(weighted, this.average === 'micro' ? undefined : 0)
    }
    this.gather({
      right: over(mul(guesses, labels)),
      wrong: over(mul(guesses, sub(1, labels))),
      missed: over(mul(sub(1, guesses), labels)),
      labels: over(labels),
    })
  }

  #guesses(scores: Tensor): Tensor {
    if (this.threshold !== undefined) return greater(scores, this.threshold)
    // A row of zeros decides for nothing.
    const isLargest = greaterEqual(scores, max(scores, -1, { keepDims: true }))
    return logicalAnd(isLargest, greater(abs(scores), 1e-9))
  }

  protected override resultOf({ right, wrong, missed, labels }: Record<Sums, Tensor>): Tensor {
    const share = (other: Tensor): Tensor => div(right, add(add(right, other), epsilon))
    const [precision, recall, squared] = [share(wrong), share(missed), this.beta ** 2]
    const whole = add(add(mul(precision, squared), recall), epsilon)
    const scores = mul(div(mul(precision, recall), whole), 1 + squared)
    if (this.average === 'none') return scores
    if (this.average !== 'weighted') return mean(scores)
    const weights = div(labels, add(sum(labels), epsilon))
    return sum(mul(scores, weights))
  }

  override getConfig(): Record<string, unknown> {
    const { average, beta, threshold = null } = this
    return { ...super.getConfig(), average, beta, threshold }
  }
}

/**
 * (1 + β²)·precision·recall / (β²·precision + recall) of every class over all batches.
 *
 * @throws ArgumentError for an unknown average, a beta of 0 or a threshold outside of 0 to 1.
 * @example
 * metrics.fBetaScore({ beta: 2, average: 'macro' })
 */
export const fBetaScore = (options: FBetaScoreOptions = {}): FBetaScore => new FBetaScore(options)
