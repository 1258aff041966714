import { anything, needed, number, optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { maskShape, type NoiseOptions, noiseChecks, noiseRate, noiseSeed } from './noise.ts'

export interface ElementDropoutOptions extends LayerOptions, NoiseOptions {
  /** The share of elements that go, from 0 to 1. */
  readonly rate: number
  /**
   * Shape of the mask, with the batch in front: null for the input's own size, 1 for one decision along the
   * dimension. Default the input's shape.
   */
  readonly noiseShape?: SymbolicShape | null
}

export const elementDropoutChecks = optionsOf<ElementDropoutOptions>()({
  rate: needed(number),
  noiseShape: anything,
  ...layerChecks,
  ...noiseChecks,
})

/** Layers that let a share of the elements go while training, and do nothing otherwise. */
export abstract class ElementDropout extends Layer {
  readonly rate: number
  readonly noiseShape: SymbolicShape | undefined
  readonly seed: number | undefined

  /** @param className for errors, which may come before the subclass has its own. */
  constructor(className: string, { rate, noiseShape, seed, ...options }: ElementDropoutOptions) {
    super(options)
    this.rate = noiseRate(className, rate)
    this.noiseShape = noiseShape ?? undefined
    this.seed = noiseSeed(className, seed)
  }

  /** The output while training, for a mask of this shape. */
  protected abstract dropped(x: Tensor, shape: Shape): Tensor

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const shape = maskShape(this.className, this.noiseShape, x.shape)
    return training && this.rate > 0 ? this.dropped(x, shape) : x
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      rate: this.rate,
      ...(this.noiseShape === undefined ? {} : { noiseShape: this.noiseShape }),
      ...(this.seed === undefined ? {} : { seed: this.seed }),
    }
  }
}
