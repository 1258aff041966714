import { checkOptions } from '../base/options.ts'
import { packageNameOf } from '../base/registered.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type MetricOptions, metricChecks } from './metric.ts'
import { PointwiseMetric } from './pointwise.ts'

/** A value for every sample (and position) from labels and predictions. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor

/**
 * The mean over batches of what a function gives, as Keras's MeanMetricWrapper; only a function that was registered can
 * be loaded again from a configuration.
 *
 * @example
 * new FunctionMetric((yTrue, yPred) => yPred.sub(yTrue).abs().max(-1), { name: 'worst' })
 */
export class FunctionMetric extends PointwiseMetric {
  override readonly className = 'FunctionMetric'
  readonly #fn: MetricFunction

  constructor(fn: MetricFunction, options: MetricOptions = {}) {
    checkOptions('FunctionMetric', options, metricChecks)
    super(options, fn.name || 'metric')
    this.#fn = fn
  }

  /** The name that the function was registered by; undefined for one that cannot be loaded again. */
  get registeredName(): string | undefined {
    return packageNameOf(this.#fn, 'metric')
  }

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.#fn(yTrue, yPred)
  }
}
