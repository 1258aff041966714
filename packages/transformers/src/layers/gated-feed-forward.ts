import type { layers, Tensor } from 'typegrad'
import type { ActivationFunction } from './activation.ts'
import { linear } from './linear.ts'
import { Part } from './network.ts'

export interface GatedFeedForwardOptions {
  /** Features of what it takes and gives. */
  readonly width: number
  /** Features between. */
  readonly inner: number
  /** `silu` makes it SwiGLU, `gelu` GeGLU. */
  readonly activation: ActivationFunction
  readonly useBias: boolean
  /** Of the weights' beginning. */
  readonly stddev: number
}

/**
 * The feed-forward part of a block with a gate: down(activation(gate(x)) · up(x)).
 *
 * Shazeer 2020, "GLU variants improve transformer", https://arxiv.org/abs/2002.05202
 */
export class GatedFeedForward extends Part {
  readonly className = 'GatedFeedForward'
  readonly gateProj: layers.Dense
  readonly upProj: layers.Dense
  readonly downProj: layers.Dense
  readonly activation: ActivationFunction

  constructor({ width, inner, activation, useBias, stddev }: GatedFeedForwardOptions) {
    super()
    this.gateProj = linear(inner, { useBias, stddev })
    this.upProj = linear(inner, { useBias, stddev })
    this.downProj = linear(width, { useBias, stddev })
    this.activation = activation
  }

  call(x: Tensor): Tensor {
    return this.downProj.apply(this.activation(this.gateProj.apply(x)).mul(this.upProj.apply(x)))
  }
}
