import { takes } from '../base/takes.ts'
import { logCosh as loss } from '../losses/log-cosh.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link logCoshError}. */
@takes(metricChecks)
export class LogCoshError extends PointwiseMetric {
  override readonly className = 'LogCoshError'

  constructor(options: MetricOptions = {}) {
    super(options, 'logcosh')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of log cosh(yPred − yTrue) over all batches. */
export const logCoshError = metricFactory(LogCoshError)
