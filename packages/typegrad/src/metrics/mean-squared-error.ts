import { takes } from '../base/takes.ts'
import { meanSquaredError as loss } from '../losses/mean-squared-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link meanSquaredError}. */
@takes(metricChecks)
export class MeanSquaredError extends PointwiseMetric {
  override readonly className = 'MeanSquaredError'

  constructor(options: MetricOptions = {}) {
    super(options, 'mean_squared_error')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of (yTrue − yPred)² over all batches. */
export const meanSquaredError = metricFactory(MeanSquaredError)
