import { takes } from '../base/takes.ts'
import { sub } from '../ops/arithmetic.ts'
import { abs } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link meanAbsoluteError}. */
@takes(lossChecks)
export class MeanAbsoluteError extends Loss {
  readonly className = 'MeanAbsoluteError'

  constructor(options: LossOptions = {}) {
    super(options, 'mean_absolute_error')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return mean(abs(sub(labels, predicted)), -1)
  }
}

/**
 * The mean over the last axis of |yTrue − yPred|.
 *
 * @example
 * losses.meanAbsoluteError(tensor([[0, 1]]), tensor([[1, 1]])) // [0.5]
 */
export const meanAbsoluteError = lossFactory(MeanAbsoluteError)
