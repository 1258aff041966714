import { takes } from '../base/takes.ts'
import { maximum, mul, sub } from '../ops/arithmetic.ts'
import { square } from '../ops/elementwise.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import type { HostLabels, OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'
import { checkSignedLabels, signedLabels } from './signed-labels.ts'

/** See {@link squaredHinge}. */
@takes(lossChecks)
export class SquaredHinge extends Loss {
  readonly className = 'SquaredHinge'

  constructor(options: LossOptions = {}) {
    super(options, 'squared_hinge')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return mean(square(maximum(sub(1, mul(signedLabels(labels), predicted)), 0)), -1)
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    super.validate(labels, outputShape)
    checkSignedLabels(this.className, labels, firstSample)
  }
}

/**
 * The mean over the last axis of max(1 − yTrue·yPred, 0)², for labels −1 and 1. If a batch has only 0 and 1,
 * they stand for −1 and 1.
 */
export const squaredHinge = lossFactory(SquaredHinge)
