import { takes } from '../base/takes.ts'
import { sub } from '../ops/arithmetic.ts'
import { square } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link meanSquaredError}. */
@takes(lossChecks)
export class MeanSquaredError extends Loss {
  readonly className = 'MeanSquaredError'

  constructor(options: LossOptions = {}) {
    super(options, 'mean_squared_error')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return mean(square(sub(labels, predicted)), -1)
  }
}

/**
 * The mean over the last axis of (yTrue − yPred)².
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: losses.meanSquaredError() })
 * losses.meanSquaredError(tensor([[0, 1]]), tensor([[1, 1]])) // [0.5]
 */
export const meanSquaredError = lossFactory(MeanSquaredError)
