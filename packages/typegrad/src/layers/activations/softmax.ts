import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { softmax as overAxis } from '../../ops/activations.ts'
import { where } from '../../ops/comparison.ts'
import { exp } from '../../ops/elementwise.ts'
import { logSumExp } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { spreadMask } from '../base/masks.ts'

export interface SoftmaxOptions extends LayerOptions {
  /** The axis or axes whose elements sum to 1. Default −1. */
  readonly axis?: number | readonly number[]
}

export const softmaxChecks = optionsOf<SoftmaxOptions>()({ axis: anything, ...layerChecks })

/** Probabilities of scores; see {@link softmax}. */
@takes(softmaxChecks)
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

  /**
   * A mask for each score, of the scores' rank, leaves those out where it is false: they are 0, also where all of a row
   * are. One of whole steps, (batch, time) of (batch, time, classes), is passed on.
   */
  call(x: Tensor, { mask }: CallContext = { training: false }): Tensor {
    if (mask === undefined || mask.rank !== x.rank) return this.#over(x)
    const counted = spreadMask(mask, x)
    return where(counted, this.#over(where(counted, x, leftOut(x))), 0)
  }

  #over(x: Tensor): Tensor {
    if (typeof this.axis === 'number') return overAxis(x, this.axis)
    return exp(x.sub(logSumExp(x, this.axis, { keepDims: true })))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis }
  }
}

/** A score whose exponential is 0 beside any other. */
const leftOut = ({ dtype }: Tensor): number => (dtype === 'float16' ? -3e4 : -1e9)

/**
 * eˣ / Σ eˣ along an axis, or over several. The shape stays. Scores that a mask of their shape leaves out are 0.
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.softmax()
 */
export const softmax = (options?: SoftmaxOptions): Softmax => new Softmax(options)
