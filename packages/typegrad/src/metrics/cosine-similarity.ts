import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { CosineSimilarity as CosineSimilarityLoss } from '../losses/cosine-similarity.ts'
import { neg } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export interface CosineSimilarityOptions extends MetricOptions {
  /** Along which the vectors stand. Default −1. */
  readonly axis?: number | undefined
}

export const cosineSimilarityChecks = optionsOf<CosineSimilarityOptions>()({
  axis: number,
  ...metricChecks,
})

/** See {@link cosineSimilarity}. */
@takes(cosineSimilarityChecks)
export class CosineSimilarity extends PointwiseMetric {
  override readonly className = 'CosineSimilarity'
  readonly axis: number

  constructor({ axis = -1, ...options }: CosineSimilarityOptions = {}) {
    super(options, 'cosine_similarity')
    this.axis = axis
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return neg(new CosineSimilarityLoss({ axis: this.axis }).call(yTrue, yPred))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/** The mean over all batches of the cosine of the angle between labels and predictions: 1 is best. */
export const cosineSimilarity = metricFactory(CosineSimilarity)
