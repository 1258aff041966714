import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link lecunUniform}. */
@takes(scaledInitializerChecks)
export class LecunUniform extends VarianceScaling {
  override readonly className = 'LecunUniform'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanIn', distribution: 'uniform' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * Uniform within ±√(3 / fanIn), for layers with selu (Klambauer et al. 2017, https://arxiv.org/abs/1706.02515).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.lecunUniform({ seed: 1 }) })
 */
export const lecunUniform = (options: ScaledInitializerOptions = {}): LecunUniform =>
  new LecunUniform(options)
