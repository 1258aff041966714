import { Tensor } from '../tensor/tensor.ts'
import { Mean } from './mean.ts'
import type { MetricOptions } from './metric.ts'

/** A mean over batches of values that labels and predictions have sample by sample. */
export abstract class PointwiseMetric extends Mean {
  /** The value of every sample (and position). Traced. */
  abstract values(yTrue: Tensor, yPred: Tensor): Tensor

  override get heedsMasks(): boolean {
    return true
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    super.updateState(this.values(yTrue, yPred), sampleWeight)
  }
}

/** The same name makes a metric from options and computes its values from labels and predictions. */
export interface MetricFactory<M extends PointwiseMetric, O extends MetricOptions> {
  /** A metric to give to `compile`. */
  (options?: O): M
  /** The value of every sample (and position). */
  (yTrue: Tensor, yPred: Tensor, options?: O): Tensor
}

/** What a metric's file exports beside its class. */
export const metricFactory = <M extends PointwiseMetric, O extends MetricOptions>(
  Class: new (options?: O) => M,
): MetricFactory<M, O> =>
  ((first?: O | Tensor, yPred?: Tensor, options?: O) =>
    first instanceof Tensor
      ? new Class(options).values(first, yPred as Tensor)
      : new Class(first)) as MetricFactory<M, O>
