import { bernoulli } from '../random/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions } from './layer.ts'
import { maskShape, type NoiseOptions, noiseRate, noiseSeed } from './noise.ts'
import type { SymbolicShape } from './symbolic.ts'

export interface DropoutOptions extends LayerOptions, NoiseOptions {
  /** The share of elements to drop, from 0 up to and without 1 (1 drops all). */
  readonly rate: number
  /**
   * Shape of the mask, with the batch in front: null for the input's own size, 1 for one decision along the
   * dimension. Default the input's shape.
   */
  readonly noiseShape?: SymbolicShape | null
}

/** Drops elements at random while training; see {@link dropout}. */
export class Dropout extends Layer {
  readonly className = 'Dropout'
  readonly rate: number
  readonly noiseShape: SymbolicShape | undefined
  readonly seed: number | undefined

  constructor({ rate, noiseShape, seed, ...options }: DropoutOptions) {
    super(options)
    this.rate = noiseRate('Dropout', rate)
    this.noiseShape = noiseShape ?? undefined
    this.seed = noiseSeed('Dropout', seed)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const shape = maskShape('Dropout', this.noiseShape, x.shape)
    if (!training || this.rate === 0) return x
    const probability = 1 - this.rate
    const kept = bernoulli(shape, { probability, seed: this.seed, dtype: x.dtype }) as Tensor
    // The scaled mask is one tensor for the value and for its gradient.
    return x.mul(this.rate === 1 ? kept : kept.mul(1 / probability))
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

/**
 * Drops a share of the elements at random while training and scales the others by 1 / (1 − rate), so that
 * their sum stays on average. Does nothing otherwise. The shape stays.
 *
 * Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 *
 * @throws ArgumentError for a rate outside of 0 to 1.
 * @example
 * layers.dropout({ rate: 0.5 })
 * layers.dropout({ rate: 0.2, noiseShape: [null, 1, null] }) // whole time steps' features together
 */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options)
