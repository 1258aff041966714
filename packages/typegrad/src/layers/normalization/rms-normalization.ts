import { anything, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { normalizeAxes } from '../../ops/apply.ts'
import { normalizeMeanSquare } from '../../ops/mean-square.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { knownShape, type SymbolicShape } from '../base/symbolic.ts'
import { positiveEpsilon } from './layer-normalization.ts'

export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis or axes over which each sample is normalized. Default −1. */
  readonly axis?: number | readonly number[]
  /** Added to the mean square before its root. Default 1e-6. */
  readonly epsilon?: number
}

export const rmsNormalizationChecks = optionsOf<RMSNormalizationOptions>()({
  axis: anything,
  epsilon: number,
  ...layerChecks,
})

/** Mean square 1 within each sample; see {@link rmsNormalization}. */
@takes(rmsNormalizationChecks)
export class RMSNormalization extends Layer {
  readonly className = 'RMSNormalization'
  readonly axis: number | readonly number[]
  readonly epsilon: number
  #scale: Variable | undefined

  constructor({ axis = -1, epsilon = 1e-6, ...options }: RMSNormalizationOptions = {}) {
    super(options)
    this.axis = axis
    this.epsilon = positiveEpsilon('RMSNormalization', epsilon)
  }

  #axes(rank: number): number[] {
    return normalizeAxes('RMSNormalization', this.axis, new Array<number>(rank).fill(0))
  }

  override build(inputShape: SymbolicShape): void {
    const shape = knownShape('RMSNormalization', inputShape, this.#axes(inputShape.length))
    this.#scale = this.addWeight({ name: 'scale', shape, initializer: 'ones' })
  }

  call(x: Tensor): Tensor {
    const axes = this.#axes(x.rank)
    const scale = (this.#scale as Variable).value
    const last = axes.every((axis, i) => axis === x.rank - axes.length + i)
    const along = last ? scale : scale.reshape(x.shape.map((d, i) => (axes.includes(i) ? d : 1)))
    return normalizeMeanSquare(x, { axes, epsilon: this.epsilon }).mul(along)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon }
  }
}

/**
 * Normalizes each sample by its root mean square over `axis`: `x / √(mean(x²) + epsilon) · scale`. The shape
 * stays. Weights: scale of the axes' sizes.
 *
 * Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @throws ArgumentError for an axis that the input does not have.
 * @example
 * layers.rmsNormalization()
 */
export const rmsNormalization = (options?: RMSNormalizationOptions): RMSNormalization =>
  new RMSNormalization(options)
