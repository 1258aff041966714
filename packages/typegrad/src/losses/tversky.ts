import { epsilon } from '../base/epsilon.ts'
import { anything, number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface TverskyOptions extends LossOptions {
  /** What labels count that predictions miss. Default 0.5. */
  readonly alpha?: number | undefined
  /** What predictions count that labels do not have. Default 0.5. */
  readonly beta?: number | undefined
  /** Over which is summed, the samples' included if they are meant. Default: all. */
  readonly axis?: number | readonly number[] | undefined
}

export const tverskyChecks = optionsOf<TverskyOptions>()({
  alpha: number,
  beta: number,
  axis: anything,
  ...lossChecks,
})

/** See {@link tversky}. */
@takes(tverskyChecks)
export class Tversky extends Loss {
  readonly className = 'Tversky'
  readonly alpha: number
  readonly beta: number
  readonly axis: number | readonly number[] | undefined

  constructor({ alpha = 0.5, beta = 0.5, axis, ...options }: TverskyOptions = {}) {
    super(options, 'tversky')
    this.alpha = alpha
    this.beta = beta
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const both = sum(mul(labels, predicted), this.axis)
    const missed = sum(mul(sub(1, predicted), labels), this.axis)
    const wrong = sum(mul(predicted, sub(1, labels)), this.axis)
    const all = add(add(add(both, mul(missed, this.alpha)), mul(wrong, this.beta)), epsilon)
    return sub(1, div(both, all))
  }

  override getConfig(): Record<string, unknown> {
    const { alpha, beta, axis = null } = this
    return { ...super.getConfig(), alpha, beta, axis }
  }
}

/**
 * 1 − TP / (TP + α·FN + β·FP) of masks from 0 to 1, for the segmentation of small objects. With ½ and ½ it is
 * {@link dice} (Salehi et al. 2017, https://arxiv.org/abs/1706.05721).
 *
 * @example
 * losses.tversky({ alpha: 0.7, beta: 0.3, axis: [1, 2, 3] }) // a value for each image
 */
export const tversky = lossFactory(Tversky)
