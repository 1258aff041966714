import { ArgumentError } from '../../base/errors.ts'
import { needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normal } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { type NoiseOptions, noiseChecks, noiseSeed } from './noise.ts'

export interface GaussianNoiseOptions extends LayerOptions, NoiseOptions {
  /** Standard deviation of the noise, at least 0. */
  readonly stddev: number
}

export const gaussianNoiseChecks = optionsOf<GaussianNoiseOptions>()({
  stddev: needed(number),
  ...layerChecks,
  ...noiseChecks,
})

/** Adds noise while training; see {@link gaussianNoise}. */
@takes(gaussianNoiseChecks)
export class GaussianNoise extends Layer {
  readonly className = 'GaussianNoise'
  readonly stddev: number
  readonly seed: number | undefined

  constructor({ stddev, seed, ...options }: GaussianNoiseOptions) {
    super(options)
    if (!(stddev >= 0)) {
      throw new ArgumentError({
        where: 'GaussianNoise',
        expected: 'a stddev of at least 0',
        received: String(stddev),
      })
    }
    this.stddev = stddev
    this.seed = noiseSeed('GaussianNoise', seed)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    if (!training || this.stddev === 0) return x
    const { stddev, seed } = this
    return x.add(normal(x.shape, { stddev, seed, dtype: x.dtype }))
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      stddev: this.stddev,
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}

/**
 * Adds normally distributed noise while training, which keeps a network from fitting single points: random
 * augmentation. Does nothing otherwise. The shape stays.
 *
 * @throws ArgumentError for a negative stddev.
 * @example
 * layers.gaussianNoise({ stddev: 0.1 })
 */
export const gaussianNoise = (options: GaussianNoiseOptions): GaussianNoise => new GaussianNoise(options)
