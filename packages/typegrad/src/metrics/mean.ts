import { sameShape } from '../base/shape.ts'
import { takes } from '../base/takes.ts'
import { alignedWeight, divideNoNaN } from '../losses/reduction.ts'
import { cast } from '../ops/apply.ts'
import { mul } from '../ops/arithmetic.ts'
import { mean as meanOf, sum } from '../ops/reduce.ts'
import { broadcastTo } from '../ops/shape.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { Metric, type MetricOptions, metricChecks } from './metric.ts'

/** See {@link mean}. */
@takes(metricChecks)
export class Mean extends Metric {
  readonly className: string = 'Mean'
  readonly #total = this.addSum('total')
  readonly #count = this.addSum('count')

  constructor(options: MetricOptions = {}, defaultName = 'mean') {
    super(options, defaultName)
  }

  /** Takes values of a batch into account, each with its weight. Traceable. */
  override updateState(values: Tensor, sampleWeight?: Tensor): void {
    const { total, count } = samplewise(cast(values, 'float32'), sampleWeight)
    this.#total.add(total)
    this.#count.add(count)
  }

  override result(): Tensor {
    return divideNoNaN(this.#total.value, this.#count.value)
  }
}

/** The sum of the samples' means times their weights, and the sum of the weights: Keras's reduction. */
function samplewise(values: Tensor, sampleWeight: Tensor | undefined): { total: Tensor; count: Tensor } {
  const samples = values.shape[0] ?? 1
  if (sampleWeight === undefined) {
    return { total: times(sum(values), samples / Math.max(1, values.size)), count: scalar(samples) }
  }
  const [v, w] = alignedWeight(values, cast(sampleWeight, 'float32'))
  // Axes that the weight does not tell apart are averaged first, so that fewer products are needed.
  const averaged = w.shape.flatMap((d, axis) => (axis > 0 && d === 1 && v.shape[axis] !== 1 ? [axis] : []))
  const narrow = averaged.length === 0 ? v : meanOf(v, averaged, { keepDims: true })
  const weight = sameShape(w.shape, narrow.shape) ? w : broadcastTo(w, narrow.shape)
  const share = samples / Math.max(1, narrow.size)
  return { total: times(sum(mul(narrow, weight)), share), count: times(sum(weight), share) }
}

const times = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : mul(x, factor))

/**
 * The mean of values over batches: that of each sample's values, weighted by `sampleWeight`. It is given values,
 * not labels and predictions: what a model tracks its loss with.
 *
 * @example
 * const loss = metrics.mean({ name: 'loss' })
 * loss.updateState(tensor([1, 3]))
 * await loss.result().item() // 2
 */
export const mean = (options: MetricOptions = {}): Mean => new Mean(options)
