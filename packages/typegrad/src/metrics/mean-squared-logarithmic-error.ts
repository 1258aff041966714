import { takes } from '../base/takes.ts'
import { meanSquaredLogarithmicError as loss } from '../losses/mean-squared-logarithmic-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link meanSquaredLogarithmicError}. */
@takes(metricChecks)
export class MeanSquaredLogarithmicError extends PointwiseMetric {
  override readonly className = 'MeanSquaredLogarithmicError'

  constructor(options: MetricOptions = {}) {
    super(options, 'mean_squared_logarithmic_error')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of (log(1 + yTrue) − log(1 + yPred))² over all batches. */
export const meanSquaredLogarithmicError = metricFactory(MeanSquaredLogarithmicError)
