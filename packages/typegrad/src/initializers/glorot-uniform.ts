import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link glorotUniform}. */
@takes(scaledInitializerChecks)
export class GlorotUniform extends VarianceScaling {
  override readonly className = 'GlorotUniform'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanAvg', distribution: 'uniform' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * Uniform within ±√(6 / (fanIn + fanOut)), the default of most layers, also called Xavier's
 * (Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.glorotUniform({ seed: 1 }) })
 */
export const glorotUniform = (options: ScaledInitializerOptions = {}): GlorotUniform =>
  new GlorotUniform(options)
