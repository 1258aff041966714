import type { Shape } from '../base/shape.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { Broadcast, Check, Ok } from '../tensor/shape-types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The shape of what becomes a tensor, as far as its type says. */
export type ShapeOf<T> = T extends Tensor<infer S> ? S : T extends number | boolean ? [] : Shape

/** An elementwise operation on one tensor: the shape stays. */
export type UnaryOp = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>>

/** An elementwise operation on two tensors or numbers, with NumPy's broadcasting. */
export type BinaryOp<Op extends string = 'broadcast'> = <A extends TensorLike, B extends TensorLike>(
  a: A,
  b: B & Check<Broadcast<ShapeOf<A>, ShapeOf<B>, Op>>,
) => Tensor<Ok<Broadcast<ShapeOf<A>, ShapeOf<B>, Op>>>
