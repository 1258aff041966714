import { bernoulli } from '../random/index.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions } from './layer.ts'
import { maskShape, type NoiseOptions, noiseRate, noiseSeed } from './noise.ts'
import type { SymbolicShape } from './symbolic.ts'

export interface AlphaDropoutOptions extends LayerOptions, NoiseOptions {
  /** The share of elements to set to the lowest value of selu, from 0 to 1. */
  readonly rate: number
  /**
   * Shape of the mask, with the batch in front: null for the input's own size, 1 for one decision along the
   * dimension. Default the input's shape.
   */
  readonly noiseShape?: SymbolicShape | null
}

/** What selu tends to below 0: −scale·α. */
const lowest = -1.0507009873554805 * 1.6732632423543772

/** Drops elements and keeps mean and variance; see {@link alphaDropout}. */
export class AlphaDropout extends Layer {
  readonly className = 'AlphaDropout'
  readonly rate: number
  readonly noiseShape: SymbolicShape | undefined
  readonly seed: number | undefined

  constructor({ rate, noiseShape, seed, ...options }: AlphaDropoutOptions) {
    super(options)
    this.rate = noiseRate('AlphaDropout', rate)
    this.noiseShape = noiseShape ?? undefined
    this.seed = noiseSeed('AlphaDropout', seed)
  }

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const shape = maskShape('AlphaDropout', this.noiseShape, x.shape)
    if (!training || this.rate === 0) return x
    const { rate, seed } = this
    // With mean 0 and variance 1 before, a·x + b has them after, too.
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * lowest ** 2))
    const b = -a * lowest * rate
    const kept = bernoulli(shape, { probability: 1 - rate, seed, dtype: x.dtype }) as Tensor
    // a·(x·kept + lowest·(1 − kept)) + b, with as few operations of x's size as there can be.
    const rest = kept.mul(-a * lowest).add(a * lowest + b)
    return x.mul(kept.mul(a)).add(rest)
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
 * Drops elements at random while training, to the lowest value of selu rather than 0, and scales and shifts the
 * result so that mean 0 and variance 1 stay: the dropout of self-normalizing networks. The shape stays.
 *
 * Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
 *
 * @throws ArgumentError for a rate outside of 0 to 1.
 * @example
 * layers.alphaDropout({ rate: 0.1 })
 */
export const alphaDropout = (options: AlphaDropoutOptions): AlphaDropout => new AlphaDropout(options)
