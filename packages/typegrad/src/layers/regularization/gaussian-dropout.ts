import { ArgumentError } from '../../base/errors.ts'
import { needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normal } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { type NoiseOptions, noiseChecks, noiseRate, noiseSeed } from './noise.ts'

export interface GaussianDropoutOptions extends LayerOptions, NoiseOptions {
  /** As the rate of a dropout of the same variance: from 0 up to and without 1. */
  readonly rate: number
}

export const gaussianDropoutChecks = optionsOf<GaussianDropoutOptions>()({
  rate: needed(number),
  ...layerChecks,
  ...noiseChecks,
})

/** Multiplies by noise while training; see {@link gaussianDropout}. */
@takes(gaussianDropoutChecks)
export class GaussianDropout extends Layer {
  readonly className = 'GaussianDropout'
  readonly rate: number
  readonly seed: number | undefined

  constructor({ rate, seed, ...options }: GaussianDropoutOptions) {
    super(options)
    this.rate = noiseRate('GaussianDropout', rate)
    if (rate === 1) {
      throw new ArgumentError({
        where: 'GaussianDropout',
        expected: 'a rate below 1, where the variance is finite',
        received: '1',
      })
    }
    this.seed = noiseSeed('GaussianDropout', seed)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    if (!training || this.rate === 0) return x
    const stddev = Math.sqrt(this.rate / (1 - this.rate))
    return x.mul(normal(x.shape, { mean: 1, stddev, seed: this.seed, dtype: x.dtype }))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      rate: this.rate,
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}

/**
 * Multiplies with normally distributed noise of mean 1 and variance rate / (1 − rate) while training, the
 * variance of {@link dropout}'s. Does nothing otherwise. The shape stays.
 *
 * Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @throws ArgumentError for a rate outside of 0 to below 1.
 * @example
 * layers.gaussianDropout({ rate: 0.2 })
 */
export const gaussianDropout = (options: GaussianDropoutOptions): GaussianDropout =>
  new GaussianDropout(options)
