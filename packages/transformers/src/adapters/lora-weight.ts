import type { Tensor, Variable } from 'typegrad'
import { ops, type Shape } from 'typegrad/core'
import { WeightAdapter } from 'typegrad/layers'

/** Variables of one module's update; their values in the layout of the weight, inputs first. */
export interface LoraVariables {
  /** (rows, rank): rows are inputs, words of a table, or all that a place of a convolution sees. */
  readonly a: Variable
  /** (rank, outputs) */
  readonly b: Variable
  /** DoRA's: the lengths of the weight's columns, (outputs). */
  readonly magnitude?: Variable
  /** 1 where the adapter is at work, 0 where it is not: a scalar that all modules of the adapter share. */
  readonly on: Variable
}

type Names = 'a' | 'b' | 'magnitude' | 'on'

/**
 * W + on · scale · A · B for one weight; with a magnitude the columns of that sum have the magnitude's lengths, and the sum
 * counts as far as the adapter is on.
 *
 * Hu et al. 2021, https://arxiv.org/abs/2106.09685; Liu et al. 2024, https://arxiv.org/abs/2402.09353
 */
export class LoraWeight extends WeightAdapter<Names> {
  readonly className = 'LoraWeight'
  readonly variables: LoraVariables
  readonly scale: number
  readonly #dropout: number

  constructor(
    name: string,
    variables: LoraVariables,
    { scale, dropout }: { readonly scale: number; readonly dropout: number },
  ) {
    super({ name })
    this.variables = variables
    this.scale = scale
    this.#dropout = dropout
  }

  override get inputDropout(): number {
    return this.#dropout
  }

  override get trainsBase(): boolean {
    return false
  }

  addedWeights() {
    const { a, b, magnitude, on } = this.variables
    const own = { a: { variable: a }, b: { variable: b }, on: { variable: on } }
    return (magnitude === undefined ? own : { ...own, magnitude: { variable: magnitude } }) as Record<
      Names,
      { readonly variable: Variable }
    >
  }

  compute(base: Tensor, added: Readonly<Record<Names, Tensor>>, shape: Shape): Tensor {
    if (this.variables.magnitude === undefined) return base.add(this.update(base, added, shape))
    const { a, b, on, magnitude } = added
    const updated = base.add(a.matmul(b).mul(this.scale).reshape(shape))
    // A constant for gradients: section 4.3 of DoRA's paper.
    const lengths = ops.stopGradient(columnLengths(updated))
    return updated
      .mul(magnitude.div(lengths))
      .mul(on)
      .add(base.mul(on.neg().add(1)))
  }

  override update(base: Tensor, added: Readonly<Record<Names, Tensor>>, shape: Shape): Tensor {
    if (this.variables.magnitude !== undefined) return super.update(base, added, shape)
    return added.a.matmul(added.b).mul(added.on.mul(this.scale)).reshape(shape)
  }
}

/** The lengths of a weight's columns: (…, outputs) → (outputs). */
export const columnLengths = (weight: Tensor): Tensor =>
  weight
    .square()
    .sum(weight.shape.slice(0, -1).map((_, axis) => axis))
    .sqrt()
