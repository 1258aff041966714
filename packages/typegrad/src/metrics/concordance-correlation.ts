import { epsilon } from '../base/epsilon.ts'
import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { square } from '../ops/elementwise.ts'
import { mean, variance } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { CorrelationOptions } from './pearson-correlation.ts'
import { correlationChecks } from './pearson-correlation.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link concordanceCorrelation}. */
@takes(correlationChecks)
export class ConcordanceCorrelation extends PointwiseMetric {
  override readonly className = 'ConcordanceCorrelation'
  readonly axis: number

  constructor({ axis = -1, ...options }: CorrelationOptions = {}) {
    super(options, 'concordance_correlation')
    this.axis = axis
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    const { axis } = this
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const meanOf = (x: Tensor): Tensor => mean(x, axis, { keepDims: true })
    const [a, b] = [meanOf(labels), meanOf(predicted)]
    const covariance = mul(sub(labels, a), sub(predicted, b))
    const spread = add(
      variance(labels, axis, { keepDims: true }),
      variance(predicted, axis, { keepDims: true }),
    )
    const whole = add(add(spread, square(sub(a, b))), epsilon)
    return mean(div(mul(covariance, 2), whole), axis)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * The mean over all batches of each sample's concordance correlation along an axis: 1 only where labels and
 * predictions are equal, not where they merely rise together (Lin 1989, https://doi.org/10.2307/2532051).
 */
export const concordanceCorrelation = metricFactory(ConcordanceCorrelation)
