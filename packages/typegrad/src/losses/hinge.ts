import { takes } from '../base/takes.ts'
import { maximum, mul, sub } from '../ops/arithmetic.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import type { HostLabels, OutputShape } from './labels.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'
import { checkSignedLabels, signedLabels } from './signed-labels.ts'

/** See {@link hinge}. */
@takes(lossChecks)
export class Hinge extends Loss {
  readonly className = 'Hinge'

  constructor(options: LossOptions = {}) {
    super(options, 'hinge')
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    return mean(maximum(sub(1, mul(signedLabels(labels), predicted)), 0), -1)
  }

  override validate(labels: HostLabels, outputShape: OutputShape, firstSample = 0): void {
    super.validate(labels, outputShape)
    checkSignedLabels(this.className, labels, firstSample)
  }
}

/**
 * The mean over the last axis of max(1 − yTrue·yPred, 0), for labels −1 and 1. If a batch has only 0 and 1,
 * they stand for −1 and 1.
 */
export const hinge = lossFactory(Hinge)
