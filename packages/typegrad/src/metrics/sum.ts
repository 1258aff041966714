import { takes } from '../base/takes.ts'
import { alignedWeight } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { mul } from '../ops/arithmetic.ts'
import { sum as sumOf } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Metric, type MetricOptions, metricChecks } from './metric.ts'

/** See {@link sum}. */
@takes(metricChecks)
export class Sum extends Metric {
  readonly className = 'Sum'
  readonly #total = this.addSum('total')

  constructor(options: MetricOptions = {}) {
    super(options, 'sum')
  }

  /** Takes values of a batch into account, each with its weight. Traceable. */
  override updateState(values: Tensor, sampleWeight?: Tensor): void {
    const numbers = cast(values, 'float32')
    const weighted =
      sampleWeight === undefined ? numbers : mul(...alignedWeight(numbers, cast(sampleWeight, 'float32')))
    this.#total.add(sumOf(weighted))
  }

  override result(): Tensor {
    return this.#total.value
  }
}

/**
 * The sum of values over batches, weighted by `sampleWeight`. It is given values, not labels and predictions.
 *
 * @example
 * const tokens = metrics.sum({ name: 'tokens' })
 * tokens.updateState(tensor([1, 3]))
 * await tokens.result().item() // 4
 */
export const sum = (options: MetricOptions = {}): Sum => new Sum(options)
