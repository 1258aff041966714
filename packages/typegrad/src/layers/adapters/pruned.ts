import { takes } from '../../base/takes.ts'
import { onesLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type AdapterOptions, type AdapterWeight, adapterChecks, WeightAdapter } from './adapter.ts'

/** A weight times a mask of zeros and ones; see {@link pruned}. */
@takes(adapterChecks)
export class Pruned extends WeightAdapter<'mask'> {
  readonly className = 'Pruned'

  addedWeights(weight: Tensor): Readonly<Record<'mask', AdapterWeight>> {
    return { mask: { value: onesLike(weight), trainable: false } }
  }

  compute(base: Tensor, { mask }: Readonly<Record<'mask', Tensor>>): Tensor {
    return base.mul(mask)
  }
}

/**
 * Keeps elements of a weight at zero while the others are trained, by a mask that is saved with it. The mask begins as ones;
 * `pruneWeights` sets it.
 *
 * @example
 * adapt(model, '**\/kernel', adapters.pruned())
 */
export const pruned = (options: AdapterOptions = {}): Pruned => new Pruned(options)
