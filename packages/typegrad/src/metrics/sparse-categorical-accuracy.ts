import { takes } from '../base/takes.ts'
import { cast } from '../ops/apply.ts'
import { equal } from '../ops/comparison.ts'
import { argMax } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { classNumbers } from './classes.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link sparseCategoricalAccuracy}. */
@takes(metricChecks)
export class SparseCategoricalAccuracy extends PointwiseMetric {
  override readonly className = 'SparseCategoricalAccuracy'

  constructor(options: MetricOptions = {}) {
    super(options, 'sparse_categorical_accuracy')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return cast(equal(classNumbers(this.className, yTrue, yPred), argMax(yPred, -1)), 'float32')
  }
}

/**
 * The share of rows whose largest score stands at the class that the label numbers.
 *
 * @example
 * metrics.sparseCategoricalAccuracy(tensor([1, 0]), tensor([[0.1, 0.9], [0.2, 0.8]])) // [1, 0]
 */
export const sparseCategoricalAccuracy = metricFactory(SparseCategoricalAccuracy)
