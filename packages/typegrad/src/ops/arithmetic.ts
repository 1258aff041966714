import { isFloating } from '../base/dtype.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast, numeric, promote } from './apply.ts'
import { floor } from './elementwise.ts'
import type { BinaryOp } from './types.ts'

/** Arithmetic on bools counts them: they become int32 first. */
function operands(a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const [x, y] = promote(a, b)
  return [numeric(x), numeric(y)]
}

const arithmetic =
  <Op extends string>(kind: 'add' | 'sub' | 'mul' | 'mod' | 'max' | 'min'): BinaryOp<Op> =>
  (a: TensorLike, b: TensorLike) =>
    apply(kind, operands(a, b), {}) as never

export const add = arithmetic<'add'>('add')
export const sub = arithmetic<'sub'>('sub')
export const mul = arithmetic<'mul'>('mul')
/** Remainder with the sign of the divisor, as Python's and NumPy's `%`. */
export const mod = arithmetic<'mod'>('mod')
/** The larger of two, elementwise; NaN wins. */
export const maximum = arithmetic<'maximum'>('max')
/** The smaller of two, elementwise; NaN wins. */
export const minimum = arithmetic<'minimum'>('min')

/** True division: integers become float32 first. */
export const div: BinaryOp<'div', 'floating'> = (a: TensorLike, b: TensorLike) => {
  const [x, y] = promote(a, b)
  return (
    isFloating(x.dtype)
      ? apply('div', [x, y], {})
      : apply('div', [cast(x, 'float32'), cast(y, 'float32')], {})
  ) as never
}

/** The quotient rounded down, in the operands' dtype. */
export const floorDiv: BinaryOp<'floorDiv'> = (a: TensorLike, b: TensorLike) => {
  const [x, y] = operands(a, b)
  if (isFloating(x.dtype)) return floor(apply('div', [x, y], {})) as never
  // Integer division truncates towards zero; taking the (floored) remainder off first makes it exact.
  return apply('div', [apply('sub', [x, apply('mod', [x, y], {})], {}), y], {}) as never
}

/** `a` to the power of `b`. Small whole exponents become multiplications. */
export const pow: BinaryOp<'pow'> = (a: TensorLike, b: TensorLike) => {
  if (b === 2) {
    const x = numeric(asTensor(a))
    return apply('mul', [x, x], {}) as never
  }
  if (b === 1) return numeric(asTensor(a)) as never
  return apply('pow', operands(a, b), {}) as never
}
