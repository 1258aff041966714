import { ArgumentError } from '../../base/errors.ts'
import { boolean, optionsOf, wholeFrom } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { equal, where } from '../../ops/comparison.ts'
import { stopGradient } from '../../ops/elementwise.ts'
import { fakeQuantize } from '../../ops/fake-quantize.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type AdapterOptions, adapterChecks, WeightAdapter } from './adapter.ts'

export interface FakeQuantizedOptions extends AdapterOptions {
  /** Bits of each number, from 2 to 8. Default 8. */
  readonly bits?: number
  /** Whether each slice along the last axis (a column, a filter) has a scale, and not all one. Default true. */
  readonly perChannel?: boolean
}

export const fakeQuantizedChecks = optionsOf<FakeQuantizedOptions>()({
  bits: wholeFrom(2),
  perChannel: boolean,
  ...adapterChecks,
})

/** A weight that is trained as it will be rounded; see {@link fakeQuantized}. */
@takes(fakeQuantizedChecks)
export class FakeQuantized extends WeightAdapter<never> {
  readonly className = 'FakeQuantized'
  readonly bits: number
  readonly perChannel: boolean

  constructor({ bits = 8, perChannel = true, ...options }: FakeQuantizedOptions = {}) {
    super(options)
    if (bits > 8) {
      throw new ArgumentError({ where: 'fakeQuantized: bits', expected: '2 to 8', received: String(bits) })
    }
    this.bits = bits
    this.perChannel = perChannel
  }

  addedWeights(): Readonly<Record<never, never>> {
    return {}
  }

  compute(base: Tensor): Tensor {
    const largest = 2 ** (this.bits - 1) - 1
    const axes = base.shape.map((_, i) => i).slice(0, this.perChannel ? -1 : undefined)
    const most = stopGradient(base.abs().max(axes, { keepDims: true }))
    const scale = where(equal(most, 0), 1, most.div(largest))
    return fakeQuantize(base, { scale, low: -largest, high: largest })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), bits: this.bits, perChannel: this.perChannel }
  }
}

/**
 * Quantisation-aware training of a weight: the layer reads it rounded to few bits, symmetric about 0, by the range that it has
 * at the moment, and its gradients pass straight through the rounding. `mergeAdapters` keeps the rounded values, which
 * `quantizeStatic` and `quantizeDynamic` then keep exactly: 8 bits with `reduceRange: false`, 7 with `reduceRange: true`.
 *
 * Jacob et al. 2018, https://arxiv.org/abs/1712.05877
 *
 * @throws ArgumentError for bits that do not exist.
 * @example
 * adapt(model, '**\/kernel', adapters.fakeQuantized({ bits: 7 }))
 * model.compile({ optimizer: 'adam', loss: 'mse' })
 * await model.fit(x, y)
 * mergeAdapters(model)
 */
export const fakeQuantized = (options: FakeQuantizedOptions = {}): FakeQuantized => new FakeQuantized(options)
