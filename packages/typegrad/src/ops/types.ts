import type { Shape } from '../base/shape.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { Broadcast, Check, Ok } from '../tensor/shape-types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What becomes a tensor but is none yet. Kept apart, so that two tensors always meet the shape check. */
export type Plain = Exclude<TensorLike, Tensor>

/** An elementwise operation on one tensor: the shape stays. */
export interface UnaryOp {
  <S extends Shape>(x: Tensor<S>): Tensor<S>
  (x: TensorLike): Tensor
}

/** An elementwise operation on two tensors or numbers, with NumPy's broadcasting. */
export interface BinaryOp<Op extends string = 'broadcast'> {
  <A extends Shape>(a: Tensor<A>, b: number): Tensor<A>
  <B extends Shape>(a: number, b: Tensor<B>): Tensor<B>
  <A extends Shape, B extends Shape>(
    a: Tensor<A>,
    b: Tensor<B> & Check<Broadcast<A, B, Op>>,
  ): Tensor<Ok<Broadcast<A, B, Op>>>
  (a: Plain, b: TensorLike): Tensor
  (a: TensorLike, b: Plain): Tensor
}
