import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { cast } from '../ops/apply.ts'
import { greater, less } from '../ops/comparison.ts'
import { takeAlongAxis } from '../ops/indexing.ts'
import { sum } from '../ops/reduce.ts'
import { reshape } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { classNumbers } from './classes.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export interface TopKOptions extends MetricOptions {
  /** How many of the largest scores count. Default 5. */
  readonly k?: number | undefined
}

export const topKChecks = optionsOf<TopKOptions>()({ k: number, ...metricChecks })

/** 1 where fewer than k scores are above that of the class; equal scores share the better place. */
export function isAmongTop(classes: Tensor, scores: Tensor, k: number): Tensor {
  const chosen = takeAlongAxis(scores, reshape(classes, [...classes.shape, 1]), -1)
  return cast(less(sum(cast(greater(scores, chosen), 'float32'), -1), k), 'float32')
}

/** See {@link sparseTopKCategoricalAccuracy}. */
@takes(topKChecks)
export class SparseTopKCategoricalAccuracy extends PointwiseMetric {
  override readonly className = 'SparseTopKCategoricalAccuracy'
  readonly k: number

  constructor({ k = 5, ...options }: TopKOptions = {}) {
    super(options, 'sparse_top_k_categorical_accuracy')
    this.k = k
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return isAmongTop(classNumbers(this.className, yTrue, yPred), yPred, this.k)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), k: this.k }
  }
}

/** The share of rows in which the class that the label numbers is among the k largest scores. */
export const sparseTopKCategoricalAccuracy = metricFactory(SparseTopKCategoricalAccuracy)
