import { ArgumentError } from '../../base/errors.ts'
import { needed, optionsOf, share } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { greaterEqual } from '../../ops/comparison.ts'
import { stopGradient } from '../../ops/elementwise.ts'
import { gather, sort } from '../../ops/indexing.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { scalar } from '../../tensor/tensor.ts'
import { type AdapterOptions, type AdapterWeight, adapterChecks, WeightAdapter } from './adapter.ts'

export interface MovementPrunedOptions extends AdapterOptions {
  /** The share of elements that is zero, from 0 to 1, without 1. */
  readonly sparsity: number
}

export const movementPrunedChecks = optionsOf<MovementPrunedOptions>()({
  sparsity: needed(share),
  ...adapterChecks,
})

/** A weight of which training finds out what can go; see {@link movementPruned}. */
@takes(movementPrunedChecks)
export class MovementPruned extends WeightAdapter<'scores' | 'sparsity'> {
  readonly className = 'MovementPruned'
  readonly sparsity: number

  constructor({ sparsity, ...options }: MovementPrunedOptions) {
    super(options)
    if (sparsity >= 1) {
      throw new ArgumentError({
        where: 'movementPruned: sparsity',
        expected: 'a share below 1: something has to stay',
        received: String(sparsity),
      })
    }
    this.sparsity = sparsity
  }

  addedWeights({ shape }: Tensor): Readonly<Record<'scores' | 'sparsity', AdapterWeight>> {
    return {
      scores: { shape, initializer: 'zeros' },
      // A variable, so that a schedule can raise it while the model trains.
      sparsity: { value: scalar(this.sparsity), trainable: false },
    }
  }

  /** W · M, where M is 1 for the highest scores; ∂L/∂S = ∂L/∂(W · M) · W. */
  compute(base: Tensor, { scores, sparsity }: Readonly<Record<'scores' | 'sparsity', Tensor>>): Tensor {
    const sorted = sort(stopGradient(scores).reshape([base.size]))
    const first = sparsity
      .mul(base.size)
      .floor()
      .clip({ min: 0, max: base.size - 1 })
      .cast('int32')
    const kept = greaterEqual(stopGradient(scores), gather(sorted, first)).cast(base.dtype)
    return base.mul(kept.add(scores.sub(stopGradient(scores))))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), sparsity: this.sparsity }
  }
}

/**
 * Movement pruning: what training moves away from zero stays, what it moves towards zero goes. Each element has a score that
 * learns by −∂L/∂W · W; those with the highest scores are read, the others are zero. Suits fine-tuning, where large weights
 * are those of pre-training. As long as scores are equal, all stay.
 *
 * Raise the variables `**\/movement_pruned/sparsity` for a schedule (`cubicSparsity`); `mergeAdapters` makes the zeros last.
 *
 * Sanh et al. 2020, https://arxiv.org/abs/2005.07683
 *
 * @throws ArgumentError for a sparsity that is none.
 * @example
 * adapt(model, '**\/kernel', adapters.movementPruned({ sparsity: 0.85 }))
 */
export const movementPruned = (options: MovementPrunedOptions): MovementPruned => new MovementPruned(options)
