import { anything, needed, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { constant, type Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

export interface RescalingOptions extends LayerOptions {
  /** What the input is multiplied by: a number, or one for each element of the last dimension. */
  readonly scale: number | readonly number[]
  /** What is added then, in the same forms. Default 0. */
  readonly offset?: number | readonly number[]
}

export const rescalingChecks = optionsOf<RescalingOptions>()({
  scale: needed(anything),
  offset: anything,
  ...layerChecks,
})

/** `x · scale + offset`; see {@link rescaling}. */
@takes(rescalingChecks)
export class Rescaling extends Layer {
  readonly className = 'Rescaling'
  readonly scale: number | readonly number[]
  readonly offset: number | readonly number[]

  constructor({ scale, offset = 0, ...options }: RescalingOptions) {
    super(options)
    this.scale = scale
    this.offset = offset
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    const scaled = x.cast(this.dtype).mul(this.#operand(this.scale))
    return this.offset === 0 ? scaled : scaled.add(this.#operand(this.offset))
  }

  #operand(value: number | readonly number[]): Tensor {
    return typeof value === 'number'
      ? constant([value], [], this.dtype)
      : constant(value, [value.length], this.dtype)
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset }
  }
}

/**
 * Scales and shifts its input: `x · scale + offset`, in the layer's dtype. The shape stays.
 *
 * @example
 * layers.rescaling({ scale: 1 / 255 })              // bytes to 0 … 1
 * layers.rescaling({ scale: 1 / 127.5, offset: -1 }) // bytes to −1 … 1
 */
export const rescaling = (options: RescalingOptions): Rescaling => new Rescaling(options)
