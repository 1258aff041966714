import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { div, mul, sub } from '../ops/arithmetic.ts'
import { mean, std } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export interface CorrelationOptions extends MetricOptions {
  /** Along which labels and predictions are correlated. Default −1. */
  readonly axis?: number | undefined
}

export const correlationChecks = optionsOf<CorrelationOptions>()({ axis: number, ...metricChecks })

/** See {@link pearsonCorrelation}. */
@takes(correlationChecks)
export class PearsonCorrelation extends PointwiseMetric {
  override readonly className = 'PearsonCorrelation'
  readonly axis: number

  constructor({ axis = -1, ...options }: CorrelationOptions = {}) {
    super(options, 'pearson_correlation')
    this.axis = axis
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    const { axis } = this
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const [a, b] = [labels, predicted].map((x) => {
      const centred = sub(x, mean(x, axis, { keepDims: true }))
      return div(centred, std(centred, axis, { keepDims: true }))
    }) as [Tensor, Tensor]
    return mean(mul(a, b), axis)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * The mean over all batches of each sample's Pearson correlation between labels and predictions along an axis:
 * from −1 to 1, NaN for a constant row.
 */
export const pearsonCorrelation = metricFactory(PearsonCorrelation)
