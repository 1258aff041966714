import { takes } from '../base/takes.ts'
import { add, maximum, mul, sub } from '../ops/arithmetic.ts'
import { max, sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link categoricalHinge}. */
@takes(lossChecks)
export class CategoricalHinge extends Loss {
  readonly className = 'CategoricalHinge'

  constructor(options: LossOptions = {}) {
    super(options, 'categorical_hinge')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const positive = sum(mul(labels, predicted), -1)
    const negative = max(mul(sub(1, labels), predicted), -1)
    return maximum(add(sub(negative, positive), 1), 0)
  }
}

/**
 * max(negative − positive + 1, 0), where positive is the score of the right class and negative the largest of
 * the others. Labels are one-hot.
 */
export const categoricalHinge = lossFactory(CategoricalHinge)
