import { takes } from '../base/takes.ts'
import { squaredHinge as loss } from '../losses/squared-hinge.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link squaredHinge}. */
@takes(metricChecks)
export class SquaredHinge extends PointwiseMetric {
  override readonly className = 'SquaredHinge'

  constructor(options: MetricOptions = {}) {
    super(options, 'squared_hinge')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of max(1 − yTrue·yPred, 0)² over all batches; labels are −1 and 1, or 0 and 1. */
export const squaredHinge = metricFactory(SquaredHinge)
