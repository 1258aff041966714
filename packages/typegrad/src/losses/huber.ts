import { number, optionsOf } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { mul, sub } from '../ops/arithmetic.ts'
import { clip } from '../ops/comparison.ts'
import { mean } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { alignedOperands } from './alignment.ts'
import { Loss, type LossOptions, lossChecks, lossFactory } from './loss.ts'

export interface HuberOptions extends LossOptions {
  /** The error from which on the loss grows linearly. Default 1. */
  readonly delta?: number | undefined
}

export const huberChecks = optionsOf<HuberOptions>()({ delta: number, ...lossChecks })

/** See {@link huber}. */
@takes(huberChecks)
export class Huber extends Loss {
  readonly className = 'Huber'
  readonly delta: number

  constructor({ delta = 1, ...options }: HuberOptions = {}) {
    super(options, 'huber_loss')
    this.delta = delta
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const [labels, predicted] = alignedOperands(this.className, yTrue, yPred)
    const error = sub(predicted, labels)
    // With c the error cut to ±δ, both branches are c·(error − c/2).
    const cut = clip(error, { min: -this.delta, max: this.delta })
    return mean(mul(cut, sub(error, mul(cut, 0.5))), -1)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), delta: this.delta }
  }
}

/**
 * The mean over the last axis of ½e² for errors e up to δ, δ·(|e| − δ/2) for larger ones: outliers count less
 * (Huber 1964, https://doi.org/10.1214/aoms/1177703732).
 *
 * @example
 * losses.huber({ delta: 0.5 })
 */
export const huber = lossFactory(Huber)
