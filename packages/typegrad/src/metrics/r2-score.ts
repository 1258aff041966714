import { ArgumentError, ShapeError } from '../base/errors.ts'
import { anything, number, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { weightOfEach } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { equal, greater, where } from '../ops/comparison.ts'
import { abs, square } from '../ops/elementwise.ts'
import { mean, sum } from '../ops/reduce.ts'
import { reshape } from '../ops/shape.ts'
import { onesLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { BatchShapedMetric } from './batch-shaped.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'

export interface R2ScoreOptions extends MetricOptions {
  /**
   * What the scores of several outputs become: their mean, their mean weighted by the outputs' variances, or
   * (`'none'`) a vector. Default `'uniform_average'`.
   */
  readonly classAggregation?: 'uniform_average' | 'variance_weighted_average' | 'none' | undefined
  /** Number of inputs of the regression, for the adjusted score. Default 0: not adjusted. */
  readonly numRegressors?: number | undefined
}

export const r2ScoreChecks = optionsOf<R2ScoreOptions>()({
  classAggregation: anything,
  numRegressors: number,
  ...metricChecks,
})

type Sums = 'squares' | 'labels' | 'residual' | 'count'

/** See {@link r2Score}. */
@takes(r2ScoreChecks)
export class R2Score extends BatchShapedMetric<Sums> {
  readonly className = 'R2Score'
  readonly classAggregation: NonNullable<R2ScoreOptions['classAggregation']>
  readonly numRegressors: number
  readonly #samples = this.addSum('num_samples')

  constructor({ classAggregation = 'uniform_average', numRegressors = 0, ...options }: R2ScoreOptions = {}) {
    super(options, 'r2_score', {
      squares: 'squared_sum',
      labels: 'sum',
      residual: 'residual',
      count: 'count',
    })
    if (!['uniform_average', 'variance_weighted_average', 'none'].includes(classAggregation)) {
      throw new ArgumentError({
        where: this.className,
        expected: "a classAggregation of 'uniform_average', 'variance_weighted_average' or 'none'",
        received: String(classAggregation),
      })
    }
    if (!(numRegressors >= 0)) {
      throw new ArgumentError({
        where: this.className,
        expected: 'numRegressors of at least 0',
        received: String(numRegressors),
      })
    }
    this.classAggregation = classAggregation
    this.numRegressors = numRegressors
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const [a, b] = alignedOperands(this.className, yTrue, yPred).map((x) => cast(x, 'float32')) as [
      Tensor,
      Tensor,
    ]
    if (a.rank > 2 || a.rank === 0) {
      throw new ShapeError({
        where: this.className,
        expected: 'labels and predictions (batch, outputs)',
        received: formatShape(yPred.shape),
      })
    }
    const [labels, predicted] = [a, b].map((x) => (x.rank === 1 ? reshape(x, [x.size, 1]) : x)) as [
      Tensor,
      Tensor,
    ]
    const weight =
      sampleWeight === undefined ? onesLike(labels) : weightOfEach(labels, cast(sampleWeight, 'float32'))
    const weighted = mul(labels, weight)
    const over = (values: Tensor): Tensor => sum(values, 0)
    this.gather({
      squares: over(mul(labels, weighted)),
      labels: over(weighted),
      residual: over(mul(square(sub(labels, predicted)), weight)),
      count: over(weight),
    })
    this.#samples.add(labels.size)
  }

  protected override resultOf({ squares, labels, residual, count }: Record<Sums, Tensor>): Tensor {
    const total = sub(squares, mul(labels, div(labels, count)))
    const raw = sub(1, div(residual, total))
    // Labels without variance: 0 rather than −∞.
    const scores = where(equal(abs(raw), Number.POSITIVE_INFINITY), 0, raw)
    return this.#adjusted(this.#aggregated(scores, total))
  }

  #aggregated(scores: Tensor, total: Tensor): Tensor {
    if (this.classAggregation === 'none') return scores
    if (this.classAggregation === 'uniform_average') return mean(scores)
    return div(sum(mul(total, scores)), sum(total))
  }

  /** 1 − (1 − R²)·(n − 1) / (n − p − 1), as long as there are more samples than that. */
  #adjusted(score: Tensor): Tensor {
    const { numRegressors: p } = this
    if (p === 0) return score
    const n = this.#samples.value
    const free = sub(n, p + 1)
    const adjusted = sub(1, div(mul(sub(1, score), sub(n, 1)), maximum(free, 1)))
    return where(greater(free, 0), adjusted, score)
  }

  override getConfig(): Record<string, unknown> {
    const { classAggregation, numRegressors } = this
    return { ...super.getConfig(), classAggregation, numRegressors }
  }
}

/**
 * The share of the labels' variance that predictions explain over all batches: 1 is best, 0 is what their mean
 * would reach.
 *
 * @throws ArgumentError for an unknown aggregation.
 * @example
 * model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['r2Score'] })
 */
export const r2Score = Object.assign((options: R2ScoreOptions = {}): R2Score => new R2Score(options), {
  nullMeans: { classAggregation: 'none' },
})
