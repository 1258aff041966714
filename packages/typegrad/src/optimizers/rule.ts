import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import { cast } from '../ops/apply.ts'
import { add, mul, sub } from '../ops/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** What an optimizer keeps for a weight: a momentum, an accumulator. */
export interface Slot {
  readonly name: string
  /** A number, or what follows from the weight. Default 0. */
  readonly initialValue?: number | ((weight: Variable) => Tensor)
  /** Default: that of the weight. */
  readonly shape?: (shape: Shape) => Shape
  /** Default: that of the weight. */
  readonly dtype?: DType
  /** Which weights have the slot. Default: all. */
  readonly appliesTo?: (weight: Variable) => boolean
}

/** A weight's slots by name. */
export type Slots = Readonly<Record<string, Variable>>

/** Changes one weight. Traced, once for each weight. */
export type UpdateRule = (gradient: Tensor, weight: Variable, slots: Slots) => void

/** What all weights of a step have in common: scalars of float32. */
export interface Step {
  readonly learningRate: Tensor
  /** Number of this step, counted from 1. */
  readonly number: Tensor
}

/** Gives a variable a value that was computed in a wider dtype. */
export function assign(variable: Variable, value: Tensor): Tensor {
  const own = cast(value, variable.dtype)
  variable.assign(own)
  return own
}

/** A running mean moved towards a value by a share of the distance. */
export const moved = (mean: Tensor, value: Tensor, share: number): Tensor =>
  add(mean, mul(sub(value, mean), share))
