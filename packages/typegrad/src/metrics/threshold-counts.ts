import { anything, optionsOf } from '../base/options.ts'
import { reshape } from '../ops/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Accumulator } from './accumulator.ts'
import { type ConfusionCounts, checkedThresholds, confusionCounts } from './confusion.ts'
import { Metric, type MetricOptions, metricChecks } from './metric.ts'

export interface ThresholdOptions extends MetricOptions {
  /** From 0 to 1: scores above one mean 1. For several the result is a vector. Default 0.5. */
  readonly thresholds?: number | readonly number[] | undefined
}

export const thresholdChecks = optionsOf<ThresholdOptions>()({ thresholds: anything, ...metricChecks })

/** One of the four counts of a confusion matrix, for one or more thresholds. */
export abstract class ThresholdCounts extends Metric {
  readonly thresholds: readonly number[]
  readonly #kind: keyof ConfusionCounts
  readonly #accumulator: Accumulator

  constructor({ thresholds, ...options }: ThresholdOptions, name: string, kind: keyof ConfusionCounts) {
    super(options, name)
    this.thresholds = checkedThresholds(this.name, thresholds, 0.5)
    this.#kind = kind
    this.#accumulator = this.addSum('accumulator', [this.thresholds.length])
  }

  override updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void {
    const counts = confusionCounts(this.className, yTrue, yPred, sampleWeight, this)
    this.#accumulator.add(counts[this.#kind])
  }

  override result(): Tensor {
    return scalarIfOne(this.#accumulator.value)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), thresholds: this.thresholds }
  }
}

/** The result for one threshold is a scalar. */
export const scalarIfOne = (x: Tensor): Tensor => (x.size === 1 ? reshape(x, []) : x)
