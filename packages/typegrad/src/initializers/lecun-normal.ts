import { takes } from '../base/takes.ts'
import {
  type ScaledInitializerOptions,
  scaledInitializerChecks,
  VarianceScaling,
} from './variance-scaling.ts'

/** See {@link lecunNormal}. */
@takes(scaledInitializerChecks)
export class LecunNormal extends VarianceScaling {
  override readonly className = 'LecunNormal'

  constructor(options: ScaledInitializerOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' })
  }

  override getConfig(): Record<string, unknown> {
    return this.drawConfig()
  }
}

/**
 * A truncated normal distribution with standard deviation √(1 / fanIn), for layers with selu
 * (Klambauer et al. 2017, https://arxiv.org/abs/1706.02515).
 *
 * @example
 * layers.dense({ units: 64, kernelInitializer: initializers.lecunNormal({ seed: 1 }) })
 */
export const lecunNormal = (options: ScaledInitializerOptions = {}): LecunNormal => new LecunNormal(options)
