import { takes } from '../base/takes.ts'
import { categoricalHinge as loss } from '../losses/categorical-hinge.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link categoricalHinge}. */
@takes(metricChecks)
export class CategoricalHinge extends PointwiseMetric {
  override readonly className = 'CategoricalHinge'

  constructor(options: MetricOptions = {}) {
    super(options, 'categorical_hinge')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean over all batches of max(negative − positive + 1, 0), as the loss of the same name. */
export const categoricalHinge = metricFactory(CategoricalHinge)
