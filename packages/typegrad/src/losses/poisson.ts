import { epsilon } from '../base/epsilon.ts'
import { takes } from '../base/takes.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import { log } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

/** See {@link poisson}. */
@takes(lossChecks)
export class Poisson extends Loss {
  readonly className = 'Poisson'

  constructor(options: LossOptions = {}) {
    super(options, 'poisson')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return mean(sub(predicted, mul(labels, log(add(predicted, epsilon)))), -1)
  }
}

/**
 * The mean over the last axis of yPred − yTrue·log(yPred + 1e-7): the negative log likelihood of counts, up to a
 * constant.
 */
export const poisson = lossFactory(Poisson)
