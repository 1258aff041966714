import { number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { elu as exponentialLinear } from '../../ops/activations.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface ELUOptions extends LayerOptions {
  /** What large negative values approach, negated. Default 1. */
  readonly alpha?: number
}

export const eluChecks = optionsOf<ELUOptions>()({ alpha: number, ...layerChecks })

/** An exponential linear unit; see {@link elu}. */
@takes(eluChecks)
export class ELU extends Layer {
  readonly className = 'ELU'
  readonly alpha: number

  constructor({ alpha = 1, ...options }: ELUOptions = {}) {
    super(options)
    this.alpha = alpha
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    return exponentialLinear(x, { alpha: this.alpha })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha }
  }
}

/**
 * x where positive, α(eˣ − 1) elsewhere. The shape stays.
 *
 * Clevert et al. 2015, https://arxiv.org/abs/1511.07289
 *
 * @example
 * layers.elu({ alpha: 0.5 })
 */
export const elu = (options?: ELUOptions): ELU => new ELU(options)
