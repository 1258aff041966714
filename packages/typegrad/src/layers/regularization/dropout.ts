import { optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ElementDropout, type ElementDropoutOptions, elementDropoutChecks } from './element-dropout.ts'

export type DropoutOptions = ElementDropoutOptions

export const dropoutChecks = optionsOf<DropoutOptions>()({ ...elementDropoutChecks })

/** Drops elements at random while training; see {@link dropout}. */
@takes(dropoutChecks)
export class Dropout extends ElementDropout {
  readonly className = 'Dropout'

  constructor(options: DropoutOptions) {
    super('Dropout', options)
  }

  protected dropped(x: Tensor, shape: Shape): Tensor {
    const probability = 1 - this.rate
    const kept = bernoulli(shape, { probability, seed: this.seed, dtype: x.dtype })
    // The scaled mask is one tensor for the value and for its gradient.
    return x.mul(this.rate === 1 ? kept : kept.mul(1 / probability))
  }
}

/**
 * Drops a share of the elements at random while training and scales the others by 1 / (1 − rate), so that
 * their sum stays on average. Does nothing otherwise. The shape stays.
 *
 * Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @throws ArgumentError for a rate outside of 0 to 1.
 * @example
 * layers.dropout({ rate: 0.5 })
 * layers.dropout({ rate: 0.2, noiseShape: [null, 1, null] }) // whole time steps' features together
 */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options)
