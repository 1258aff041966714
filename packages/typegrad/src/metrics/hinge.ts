import { takes } from '../base/takes.ts'
import { hinge as loss } from '../losses/hinge.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link hinge}. */
@takes(metricChecks)
export class Hinge extends PointwiseMetric {
  override readonly className = 'Hinge'

  constructor(options: MetricOptions = {}) {
    super(options, 'hinge')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean of max(1 − yTrue·yPred, 0) over all batches; labels are −1 and 1, or 0 and 1. */
export const hinge = metricFactory(Hinge)
