import { takes } from '../base/takes.ts'
import { argMax } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkOneHot } from './classes.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'
import { isAmongTop, type TopKOptions, topKChecks } from './sparse-top-k-categorical-accuracy.ts'

/** See {@link topKCategoricalAccuracy}. */
@takes(topKChecks)
export class TopKCategoricalAccuracy extends PointwiseMetric {
  override readonly className = 'TopKCategoricalAccuracy'
  readonly k: number

  constructor({ k = 5, ...options }: TopKOptions = {}) {
    super(options, 'top_k_categorical_accuracy')
    this.k = k
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    checkOneHot(this.className, yTrue, yPred)
    return isAmongTop(argMax(yTrue, -1), yPred, this.k)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), k: this.k }
  }
}

/** The share of rows in which the class of the one-hot label is among the k largest scores. */
export const topKCategoricalAccuracy = metricFactory(TopKCategoricalAccuracy)
