import { optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ElementDropout, type ElementDropoutOptions, elementDropoutChecks } from './element-dropout.ts'

/** `rate` is the share of elements to set to the lowest value of selu. */
export type AlphaDropoutOptions = ElementDropoutOptions

export const alphaDropoutChecks = optionsOf<AlphaDropoutOptions>()({ ...elementDropoutChecks })

/** What selu tends to below 0: −scale·α. */
const lowest = -1.0507009873554805 * 1.6732632423543772

/** Drops elements and keeps mean and variance; see {@link alphaDropout}. */
@takes(alphaDropoutChecks)
export class AlphaDropout extends ElementDropout {
  readonly className = 'AlphaDropout'

  constructor(options: AlphaDropoutOptions) {
    super('AlphaDropout', options)
  }

  protected dropped(x: Tensor, shape: Shape): Tensor {
    const { rate, seed } = this
    // With mean 0 and variance 1 before, a·x + b has them after, too.
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * lowest ** 2))
    const b = -a * lowest * rate
    const kept = bernoulli(shape, { probability: 1 - rate, seed, dtype: x.dtype })
    // a·(x·kept + lowest·(1 − kept)) + b, with as few operations of x's size as there can be.
    const rest = kept.mul(-a * lowest).add(a * lowest + b)
    return x.mul(kept.mul(a)).add(rest)
  }
}

/**
 * Drops elements at random while training, to the lowest value of selu rather than 0, and scales and shifts the
 * result so that mean 0 and variance 1 stay: the dropout of self-normalizing networks. The shape stays.
 *
 * Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
 *
 * @throws ArgumentError for a rate outside of 0 to 1.
 * @example
 * layers.alphaDropout({ rate: 0.1 })
 */
export const alphaDropout = (options: AlphaDropoutOptions): AlphaDropout => new AlphaDropout(options)
