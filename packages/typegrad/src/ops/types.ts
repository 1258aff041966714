import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { BesideNumber, Floating, Numeric, Promote } from '../tensor/dtype-types.ts'
import type { Broadcast, Check, Ok } from '../tensor/shape-types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The shape of what becomes a tensor, as far as its type says. */
export type ShapeOf<T> = T extends Tensor<infer S> ? S : T extends number | boolean ? [] : Shape

/** The dtype of what becomes a tensor by itself: float32 for numbers. */
export type DTypeOf<T> = T extends Tensor<Shape, infer D> ? D : 'float32'

/** The dtype in which two operands meet; a plain number is weak. */
export type Common<A, B> = A extends number
  ? BesideNumber<DTypeOf<B>>
  : B extends number
    ? BesideNumber<DTypeOf<A>>
    : Promote<DTypeOf<A>, DTypeOf<B>>

/** An elementwise operation that keeps shape and dtype. */
export type UnaryOp = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>, DTypeOf<X>>

/** An elementwise operation on floats; integers become float32. */
export type FloatingOp = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>, Floating<DTypeOf<X>>>

/** An elementwise operation on any number; bools become int32. */
export type NumericOp = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>, Numeric<DTypeOf<X>>>

/** An elementwise question. */
export type Predicate = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>, 'bool'>

/** What becomes of the dtype in which two operands meet. */
export interface Meeting<A, B> {
  numeric: Numeric<Common<A, B>>
  floating: Floating<Common<A, B>>
  bool: 'bool'
}

/** An elementwise operation on two tensors or numbers, with NumPy's broadcasting. */
export type BinaryOp<Op extends string = 'broadcast', Kind extends keyof Meeting<0, 0> = 'numeric'> = <
  A extends TensorLike,
  B extends TensorLike,
>(
  a: A,
  b: B & Check<Broadcast<ShapeOf<A>, ShapeOf<B>, Op>>,
) => Tensor<Ok<Broadcast<ShapeOf<A>, ShapeOf<B>, Op>>, Meeting<A, B>[Kind] & DType>
