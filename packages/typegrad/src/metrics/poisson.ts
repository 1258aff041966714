import { takes } from '../base/takes.ts'
import { poisson as loss } from '../losses/poisson.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link poisson}. */
@takes(metricChecks)
export class Poisson extends PointwiseMetric {
  override readonly className = 'Poisson'

  constructor(options: MetricOptions = {}) {
    super(options, 'poisson')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of yPred − yTrue·log yPred over all batches. */
export const poisson = metricFactory(Poisson)
