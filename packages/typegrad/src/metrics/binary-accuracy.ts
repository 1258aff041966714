import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { alignedOperands } from '../losses/alignment.ts'
import { cast } from '../ops/apply.ts'
import { equal, greater } from '../ops/comparison.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { MetricOptions } from './metric.ts'
import { metricChecks } from './metric.ts'
import { metricFactory, PointwiseMetric } from './pointwise.ts'

export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it mean 1. Default 0.5. (For logits, 0.) */
  readonly threshold?: number | undefined
}

export const binaryAccuracyChecks = optionsOf<BinaryAccuracyOptions>()({
  threshold: number,
  ...metricChecks,
})

/** See {@link binaryAccuracy}. */
@takes(binaryAccuracyChecks)
export class BinaryAccuracy extends PointwiseMetric {
  override readonly className = 'BinaryAccuracy'
  readonly threshold: number

  constructor({ threshold = 0.5, ...options }: BinaryAccuracyOptions = {}) {
    super(options, 'binary_accuracy')
    this.threshold = threshold
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const guesses = cast(greater(predicted, this.threshold), labels.dtype)
    return cast(equal(labels, guesses), 'float32')
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), threshold: this.threshold }
  }
}

/**
 * The share of predictions on their label's side of a threshold, for labels 0 and 1.
 *
 * @example
 * metrics.binaryAccuracy({ threshold: 0.7 })
 * metrics.binaryAccuracy(tensor([[1], [1]]), tensor([[0.9], [0.2]])) // [[1], [0]]
 */
export const binaryAccuracy = metricFactory(BinaryAccuracy)
