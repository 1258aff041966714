import { takes } from '../base/takes.ts'
import { cast } from '../ops/apply.ts'
import { equal } from '../ops/comparison.ts'
import { argMax } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkOneHot } from './classes.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link categoricalAccuracy}. */
@takes(metricChecks)
export class CategoricalAccuracy extends PointwiseMetric {
  override readonly className = 'CategoricalAccuracy'

  constructor(options: MetricOptions = {}) {
    super(options, 'categorical_accuracy')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    checkOneHot(this.className, yTrue, yPred)
    return cast(equal(argMax(yTrue, -1), argMax(yPred, -1)), 'float32')
  }
}

/**
 * The share of rows whose largest score stands where the one-hot label has its largest value.
 *
 * @example
 * metrics.categoricalAccuracy(tensor([[0, 1], [1, 0]]), tensor([[0.1, 0.9], [0.2, 0.8]])) // [1, 0]
 */
export const categoricalAccuracy = metricFactory(CategoricalAccuracy)
