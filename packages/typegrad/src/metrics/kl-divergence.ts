import { takes } from '../base/takes.ts'
import { klDivergence as loss } from '../losses/kl-divergence.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link klDivergence}. */
@takes(metricChecks)
export class KLDivergence extends PointwiseMetric {
  override readonly className = 'KLDivergence'

  constructor(options: MetricOptions = {}) {
    super(options, 'kl_divergence')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return loss(yTrue, yPred)
  }
}

/** The mean over all batches of Σ yTrue·log(yTrue / yPred). */
export const klDivergence = metricFactory(KLDivergence)
