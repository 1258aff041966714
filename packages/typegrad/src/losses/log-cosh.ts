import { takes } from '../base/takes.ts'
import { softplus } from '../ops/activations.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link logCosh}. */
@takes(lossChecks)
export class LogCosh extends Loss {
  readonly className = 'LogCosh'

  constructor(options: LossOptions = {}) {
    super(options, 'log_cosh')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const error = sub(predicted, labels)
    // log cosh x = x + log(1 + e^−2x) − log 2, which does not overflow.
    return mean(sub(add(error, softplus(mul(error, -2))), Math.LN2), -1)
  }
}

/**
 * The mean over the last axis of log cosh(yPred − yTrue): squared for small errors, absolute for large ones.
 */
export const logCosh = lossFactory(LogCosh)
