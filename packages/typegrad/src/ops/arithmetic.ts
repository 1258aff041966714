import { isFloating } from '../base/dtype.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
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

/** a + b. */
export const add = arithmetic<'add'>('add')
/** a − b. */
export const sub = arithmetic<'sub'>('sub')
/** a · b, element by element. */
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

/**
 * The quotient rounded down, in the operands' dtype, as NumPy's `//`: `1 // 0.1` is 9, since the float 0.1 is above a
 * tenth. Integers divided by 0 give 0.
 */
export const floorDiv: BinaryOp<'floorDiv'> = (a: TensorLike, b: TensorLike) => {
  const [x, y] = operands(a, b)
  const rest = apply('mod', [x, y], {})
  return (isFloating(x.dtype) ? floatQuotient(x, y, rest) : wholeQuotient(x, y, rest)) as never
}

const constantLike = (value: number, like: Tensor): Tensor => scalar(value, like.dtype)
const select = (condition: Tensor, a: Tensor, b: Tensor): Tensor => apply('select', [condition, a, b], {})

/** Division of integers truncates towards zero: one less where something remains and the signs differ. */
function wholeQuotient(x: Tensor, y: Tensor, rest: Tensor): Tensor {
  const truncated = apply('div', [x, y], {})
  if (x.dtype === 'uint8' || x.dtype === 'uint32') return truncated
  const isNegative = (t: Tensor) => apply('less', [t, constantLike(0, t)], {})
  const remains = apply('not', [apply('equal', [rest, constantLike(0, rest)], {})], {})
  const isBelow = apply('and', [apply('xor', [isNegative(x), isNegative(y)], {}), remains], {})
  return apply('sub', [truncated, cast(isBelow, x.dtype)], {})
}

/** What remains is taken off first, so that the quotient is whole but for its own rounding. */
function floatQuotient(x: Tensor, y: Tensor, rest: Tensor): Tensor {
  const quotient = apply('div', [apply('sub', [x, rest], {}), y], {})
  const below = floor(quotient)
  const isNext = apply('less', [constantLike(0.5, x), apply('sub', [quotient, below], {})], {})
  const nearest = apply('add', [below, cast(isNext, x.dtype)], {})
  const isInfinite = apply('equal', [apply('abs', [y], {}), constantLike(Number.POSITIVE_INFINITY, y)], {})
  const byInfinity = select(
    apply('equal', [rest, x], {}),
    constantLike(0, x),
    select(apply('isNaN', [rest], {}), rest, constantLike(-1, x)),
  )
  const whole = select(isInfinite, byInfinity, nearest)
  const byZero = select(apply('equal', [y, constantLike(0, y)], {}), apply('div', [x, y], {}), whole)
  return apply('stopGradient', [byZero], {})
}

/** By squares: exact, and what is too large wraps, as other integers do. */
function wholePower(x: Tensor, exponent: number): Tensor {
  let result: Tensor | undefined
  let square = x
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result === undefined ? square : apply('mul', [result, square], {})
    if (left > 1) square = apply('mul', [square, square], {})
  }
  return result ?? x
}

/** `a` to the power of `b`. Small whole exponents become multiplications. */
export const pow: BinaryOp<'pow'> = (a: TensorLike, b: TensorLike) => {
  if (b === 2) {
    const x = numeric(asTensor(a))
    return apply('mul', [x, x], {}) as never
  }
  if (b === 1) return numeric(asTensor(a)) as never
  if (typeof b === 'number' && Number.isSafeInteger(b) && b > 2) {
    const x = numeric(asTensor(a))
    if (!isFloating(x.dtype)) return wholePower(x, b) as never
  }
  return apply('pow', operands(a, b), {}) as never
}
