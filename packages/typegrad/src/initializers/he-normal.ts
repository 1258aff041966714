import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link heNormal}. */
@takes(scaledInitializerChecks)
export class HeNormal extends VarianceScaling {
  override readonly className = 'HeNormal'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * A truncated normal distribution with standard deviation √(2 / fanIn), for layers with relu
 * (He et al. 2015, https://arxiv.org/abs/1502.01852).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.heNormal({ seed: 1 }) })
 */
export const heNormal = (options: ScaledInitializerOptions = {}): HeNormal => new HeNormal(options)
