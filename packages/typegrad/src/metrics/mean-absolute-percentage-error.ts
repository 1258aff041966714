import { takes } from '../base/takes.ts'
import { meanAbsolutePercentageError as loss } from '../losses/mean-absolute-percentage-error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link meanAbsolutePercentageError}. */
@takes(metricChecks)
export class MeanAbsolutePercentageError extends PointwiseMetric {
  override readonly className = 'MeanAbsolutePercentageError'

  constructor(options: MetricOptions = {}) {
    super(options, 'mean_absolute_percentage_error')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** 100 times the mean of |yTrue − yPred| / |yTrue| over all batches. */
export const meanAbsolutePercentageError = metricFactory(MeanAbsolutePercentageError)
