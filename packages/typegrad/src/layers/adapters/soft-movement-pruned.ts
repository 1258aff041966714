import { ArgumentError } from '../../base/errors.ts'
import { needed, notNegative, optionsOf, share } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { greater } from '../../ops/comparison.ts'
import { stopGradient } from '../../ops/elementwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { scalar } from '../../tensor/tensor.ts'
import { addLoss } from '../base/activity.ts'
import { type AdapterOptions, type AdapterWeight, adapterChecks, WeightAdapter } from './adapter.ts'

export interface SoftMovementPrunedOptions extends AdapterOptions {
  /**
   * λ: how much the mean of σ(scores) adds to the loss, for each weight. The larger it is, the more goes; it is what decides about
   * the share of zeros.
   */
  readonly penalty: number
  /** τ, between 0 and 1: elements whose σ(score) is above it stay. Default 0.1, as in the authors' program. */
  readonly threshold?: number
}

export const softMovementPrunedChecks = optionsOf<SoftMovementPrunedOptions>()({
  penalty: needed(notNegative),
  threshold: share,
  ...adapterChecks,
})

/** A weight of which training finds out what and how much can go; see {@link softMovementPruned}. */
@takes(softMovementPrunedChecks)
export class SoftMovementPruned extends WeightAdapter<'scores' | 'penalty'> {
  readonly className = 'SoftMovementPruned'
  readonly penalty: number
  readonly threshold: number

  constructor({ penalty, threshold = 0.1, ...options }: SoftMovementPrunedOptions) {
    super(options)
    if (threshold <= 0 || threshold >= 0.5) {
      throw new ArgumentError({
        where: 'softMovementPruned: threshold',
        expected: 'a number above 0 and below 0.5, where scores begin',
        received: String(threshold),
      })
    }
    this.penalty = penalty
    this.threshold = threshold
  }

  addedWeights({ shape }: Tensor): Readonly<Record<'scores' | 'penalty', AdapterWeight>> {
    return {
      scores: { shape, initializer: 'zeros' },
      // A variable, so that a schedule can raise it while the model trains.
      penalty: { value: scalar(this.penalty), trainable: false },
    }
  }

  /** W · M, where M is 1 where σ(S) > τ; ∂L/∂S = ∂L/∂(W · M) · W + λ · σ′(S) / size. */
  compute(base: Tensor, { scores, penalty }: Readonly<Record<'scores' | 'penalty', Tensor>>): Tensor {
    const importance = scores.sigmoid()
    addLoss(this.className, importance.mean().mul(penalty))
    const kept = greater(stopGradient(importance), this.threshold).cast(base.dtype)
    return base.mul(kept.add(scores.sub(stopGradient(scores))))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), penalty: this.penalty, threshold: this.threshold }
  }
}

/**
 * Movement pruning with a threshold: as {@link movementPruned}, but how much goes follows from the training too, in each weight as much
 * as it can do without. Elements whose score falls below the threshold are zero; a penalty on all scores, which `fit` adds to
 * the loss, draws them there, and what the task needs holds against it. At high sparsities better than a fixed share.
 *
 * Raise the variables `**\/soft_movement_pruned/penalty` for a schedule; `mergeAdapters` makes the zeros last.
 *
 * Sanh et al. 2020, https://arxiv.org/abs/2005.07683
 *
 * @throws ArgumentError for a threshold outside of 0 to 0.5, where scores begin.
 * @example
 * adapt(model, '**\/kernel', adapters.softMovementPruned({ penalty: 100 }))
 */
export const softMovementPruned = (options: SoftMovementPrunedOptions): SoftMovementPruned =>
  new SoftMovementPruned(options)
