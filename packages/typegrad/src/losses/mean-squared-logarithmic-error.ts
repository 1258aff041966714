import { epsilon } from '../base/epsilon.ts'
import { takes } from '../base/takes.ts'
import { add, maximum, sub } from '../ops/arithmetic.ts'
import { log, square } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link meanSquaredLogarithmicError}. */
@takes(lossChecks)
export class MeanSquaredLogarithmicError extends Loss {
  readonly className = 'MeanSquaredLogarithmicError'

  constructor(options: LossOptions = {}) {
    super(options, 'mean_squared_logarithmic_error')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const [a, b] = [labels, predicted].map((x) => log(add(maximum(x, epsilon), 1))) as [Tensor, Tensor]
    return mean(square(sub(b, a)), -1)
  }
}

/**
 * The mean over the last axis of (log(1 + yTrue) − log(1 + yPred))², for values that are not negative: errors
 * count by their ratio.
 *
 * @example
 * losses.meanSquaredLogarithmicError(tensor([[0, 3]]), tensor([[0, 1]])) // [0.24]
 */
export const meanSquaredLogarithmicError = lossFactory(MeanSquaredLogarithmicError)
