import { epsilon } from '../base/epsilon.ts'
import { anything, optionsOf } from '../base/options.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { sqrt, square } from '../ops/elementwise.ts'
import { sum } from '../ops/reduce.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Along which axis or axes a norm is taken. */
export type NormAxis = number | readonly number[]

export interface NormOptions {
  /**
   * Along which norms are taken. Default 0: each column of a dense kernel, the weights of one unit. For a
   * convolution's kernel (…window, inputs, outputs) take `[0, 1, 2]`.
   */
  readonly axis?: NormAxis | undefined
}

export const normChecks = optionsOf<NormOptions>()({ axis: anything })

/** The weight with norms that follow from those it has. */
export function withNorm(weight: Tensor, axis: NormAxis, wanted: (norms: Tensor) => Tensor): Tensor {
  const norms = sqrt(sum(square(weight), axis, { keepDims: true }))
  return mul(weight, div(wanted(norms), add(norms, epsilon)))
}
