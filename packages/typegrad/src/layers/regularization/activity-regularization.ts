import { number, optionsOf, without } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { l1l2 } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface ActivityRegularizationOptions extends Omit<LayerOptions, 'activityRegularizer'> {
  /** Factor of Σ|x|. Default 0. */
  readonly l1?: number
  /** Factor of Σx². Default 0. */
  readonly l2?: number
}

export const activityRegularizationChecks = optionsOf<ActivityRegularizationOptions>()({
  l1: number,
  l2: number,
  ...without(layerChecks, 'activityRegularizer'),
})

/** Costs what passes through it; see {@link activityRegularization}. */
@takes(activityRegularizationChecks)
export class ActivityRegularization extends Layer {
  readonly className = 'ActivityRegularization'
  readonly l1: number
  readonly l2: number

  constructor({ l1 = 0, l2 = 0, ...options }: ActivityRegularizationOptions = {}) {
    super({ ...options, activityRegularizer: l1l2({ l1, l2 }) })
    this.l1 = l1
    this.l2 = l2
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    return x
  }

  override getConfig(): Record<string, unknown> {
    const { activityRegularizer: _, ...config } = super.getConfig()
    return { ...config, l1: this.l1, l2: this.l2 }
  }
}

/**
 * Gives its input back and adds l1·Σ|x| + l2·Σx² of each sample, on average, to the loss. The shape stays.
 *
 * @throws ArgumentError for a negative factor.
 * @example
 * layers.activityRegularization({ l1: 1e-4 })
 */
export const activityRegularization = (options?: ActivityRegularizationOptions): ActivityRegularization =>
  new ActivityRegularization(options)
