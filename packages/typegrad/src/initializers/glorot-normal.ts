import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link glorotNormal}. */
@takes(scaledInitializerChecks)
export class GlorotNormal extends VarianceScaling {
  override readonly className = 'GlorotNormal'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * A truncated normal distribution with standard deviation √(2 / (fanIn + fanOut))
 * (Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.glorotNormal({ seed: 1 }) })
 */
export const glorotNormal = (options: ScaledInitializerOptions = {}): GlorotNormal =>
  new GlorotNormal(options)
