import type { Tensor, Variable } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import {
  checks,
  Layer,
  type LayerOptions,
  layerChecks,
  register,
  type SymbolicShape,
  takes,
} from 'typegrad/layers'

export interface UnitOffsetRMSNormalizationOptions extends LayerOptions {
  /** Added to the mean square before its root. Default 1e-6. */
  readonly epsilon?: number
}

const unitOffsetChecks = optionsOf<UnitOffsetRMSNormalizationOptions>()({
  epsilon: checks.positive,
  ...layerChecks,
})

/**
 * `x / √(mean(x²) + epsilon) · (1 + weight)` over the last axis, with weights that begin at 0: decay of weights pulls the
 * scale towards 1, and not towards 0 as in `layers.rmsNormalization`. The shape stays.
 *
 * Gemma Team 2024, https://arxiv.org/abs/2408.00118; root mean squares: Zhang and Sennrich 2019,
 * https://arxiv.org/abs/1910.07467
 *
 * @throws ArgumentError for an epsilon that is not positive.
 * @example
 * new UnitOffsetRMSNormalization({ epsilon: 1e-6 })
 */
@takes(unitOffsetChecks)
export class UnitOffsetRMSNormalization extends Layer {
  readonly className = 'UnitOffsetRMSNormalization'
  readonly epsilon: number
  #weight: Variable | undefined

  constructor({ epsilon = 1e-6, ...options }: UnitOffsetRMSNormalizationOptions = {}) {
    super(options)
    this.epsilon = epsilon
  }

  override build(inputShape: SymbolicShape): void {
    this.#weight = this.addWeight({
      name: 'weight',
      shape: [inputShape.at(-1) as number],
      initializer: 'zeros',
    })
  }

  call(x: Tensor): Tensor {
    const meanSquare = x.square().mean(-1, { keepDims: true })
    const scale = (this.#weight as Variable).value.add(1)
    return x.mul(meanSquare.add(this.epsilon).rsqrt()).mul(scale)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), epsilon: this.epsilon }
  }
}

register('layer', UnitOffsetRMSNormalization, { package: 'transformers' })
