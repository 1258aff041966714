import { softmax as overAxis } from '../ops/activations.ts'
import { exp } from '../ops/elementwise.ts'
import { logSumExp } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Layer, type LayerOptions } from './layer.ts'

export interface SoftmaxOptions extends LayerOptions {
  /** The axis or axes whose elements sum to 1. Default −1. */
  readonly axis?: number | readonly number[]
}

/** Probabilities of scores; see {@link softmax}. */
export class Softmax extends Layer {
  readonly className = 'Softmax'
  readonly axis: number | readonly number[]

  constructor({ axis = -1, ...options }: SoftmaxOptions = {}) {
    super(options)
    this.axis = axis
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    if (typeof this.axis === 'number') return overAxis(x, this.axis)
    return exp(x.sub(logSumExp(x, this.axis, { keepDims: true }) as Tensor))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/**
 * eˣ / Σ eˣ along an axis, or over several. The shape stays.
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.softmax()
 */
export const softmax = (options?: SoftmaxOptions): Softmax => new Softmax(options)
