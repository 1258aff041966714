import { epsilon } from '../base/epsilon.ts'
import { anything, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface DiceOptions extends LossOptions {
  /** Over which is summed, the samples' included if they are meant. Default: all. */
  readonly axis?: number | readonly number[] | undefined
}

export const diceChecks = optionsOf<DiceOptions>()({ axis: anything, ...lossChecks })

/** See {@link dice}. */
@takes(diceChecks)
export class Dice extends Loss {
  readonly className = 'Dice'
  readonly axis: number | readonly number[] | undefined

  constructor({ axis, ...options }: DiceOptions = {}) {
    super(options, 'dice')
    this.axis = axis
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const both = sum(mul(labels, predicted), this.axis)
    const sizes = add(sum(labels, this.axis), sum(predicted, this.axis))
    return sub(1, div(mul(both, 2), add(sizes, epsilon)))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis ?? null }
  }
}

/**
 * 1 − 2·|A ∩ B| / (|A| + |B|) of masks from 0 to 1, for segmentation (Milletari et al. 2016,
 * https://arxiv.org/abs/1606.04797).
 *
 * @example
 * losses.dice({ axis: [1, 2, 3] }) // a value for each image
 */
export const dice = lossFactory(Dice)
