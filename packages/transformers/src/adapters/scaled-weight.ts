import type { Tensor, Variable } from 'typegrad'
import type { Shape } from 'typegrad/core'
import { WeightAdapter } from 'typegrad/layers'

/**
 * W with its columns, or its rows, multiplied with a vector that is learnt: what a product gives, or what it gets, is
 * scaled. A bias is scaled with the columns.
 *
 * Liu et al. 2022, "(IA)³", https://arxiv.org/abs/2205.05638
 */
export class ScaledWeight extends WeightAdapter<'vector' | 'on'> {
  readonly className = 'ScaledWeight'
  readonly vector: Variable
  readonly on: Variable
  readonly #axis: 'inputs' | 'outputs'

  /**
   * @param vector one number for each input or output: a variable that a module's kernel and bias share.
   * @param on 1 where the adapter is at work, 0 where it is not.
   */
  constructor(name: string, vector: Variable, on: Variable, axis: 'inputs' | 'outputs') {
    super({ name })
    this.vector = vector
    this.on = on
    this.#axis = axis
  }

  override get trainsBase(): boolean {
    return false
  }

  addedWeights() {
    return { vector: { variable: this.vector }, on: { variable: this.on } }
  }

  compute(base: Tensor, { vector, on }: Readonly<Record<'vector' | 'on', Tensor>>, shape: Shape): Tensor {
    // The vector, or ones.
    const factors = vector.mul(on).add(on.neg().add(1))
    // Inputs are the axis before the last.
    return base.mul(this.#axis === 'outputs' ? factors : factors.reshape([shape.at(-2) as number, 1]))
  }
}
