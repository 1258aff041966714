import { epsilon } from '../base/epsilon.ts'
import { takes } from '../base/takes.ts'
import { div, maximum, mul, sub } from '../ops/arithmetic.ts'
import { abs } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link meanAbsolutePercentageError}. */
@takes(lossChecks)
export class MeanAbsolutePercentageError extends Loss {
  readonly className = 'MeanAbsolutePercentageError'

  constructor(options: LossOptions = {}) {
    super(options, 'mean_absolute_percentage_error')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const share = abs(div(sub(labels, predicted), maximum(abs(labels), epsilon)))
    return mul(mean(share, -1), 100)
  }
}

/**
 * 100 times the mean over the last axis of |yTrue − yPred| / |yTrue|, where labels nearer to 0 than 1e-7 count
 * as 1e-7.
 *
 * @example
 * losses.meanAbsolutePercentageError(tensor([[2, 4]]), tensor([[1, 4]])) // [25]
 */
export const meanAbsolutePercentageError = lossFactory(MeanAbsolutePercentageError)
