import { takes } from '../base/takes.ts'
import { meanAbsoluteError as loss } from '../losses/mean-absolute-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link meanAbsoluteError}. */
@takes(metricChecks)
export class MeanAbsoluteError extends PointwiseMetric {
  override readonly className = 'MeanAbsoluteError'

  constructor(options: MetricOptions = {}) {
    super(options, 'mean_absolute_error')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of |yTrue − yPred| over all batches. */
export const meanAbsoluteError = metricFactory(MeanAbsoluteError)
