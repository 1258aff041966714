import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { cast } from '../ops/apply.ts'
import { equal } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link accuracy}. */
@takes(metricChecks)
export class Accuracy extends PointwiseMetric {
  override readonly className = 'Accuracy'

  constructor(options: MetricOptions = {}) {
    super(options, 'accuracy')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return cast(equal(labels, predicted), 'float32')
  }
}

/**
 * The share of predictions that equal their labels. For probabilities see {@link binaryAccuracy},
 * {@link categoricalAccuracy} and {@link sparseCategoricalAccuracy}; `compile`'s `'accuracy'` picks one of them.
 */
export const accuracy = metricFactory(Accuracy)
