import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { sub } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

/** See {@link rootMeanSquaredError}. */
@takes(metricChecks)
export class RootMeanSquaredError extends PointwiseMetric {
  override readonly className = 'RootMeanSquaredError'

  constructor(options: MetricOptions = {}) {
    super(options, 'root_mean_squared_error')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return square(sub(predicted, labels))
  }

  /** Not here, in Keras's implementation. */
  override get heedsMasks(): boolean {
    return false
  }

  override result(): Tensor {
    return sqrt(super.result())
  }
}

/** The root of the mean of (yTrue − yPred)² over all batches. */
export const rootMeanSquaredError = metricFactory(RootMeanSquaredError)
