import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link heUniform}. */
@takes(scaledInitializerChecks)
export class HeUniform extends VarianceScaling {
  override readonly className = 'HeUniform'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 2, mode: 'fanIn', distribution: 'uniform' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * Uniform within ±√(6 / fanIn), for layers with relu (He et al. 2015, https://arxiv.org/abs/1502.01852).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.heUniform({ seed: 1 }) })
 */
export const heUniform = (options: ScaledInitializerOptions = {}): HeUniform => new HeUniform(options)
