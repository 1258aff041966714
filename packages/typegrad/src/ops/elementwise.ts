import { type DType, isFloating } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import type { unaryPrimitives } from '../graph/primitives.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { apply, cast, numeric, promote, toFloating } from './apply.ts'
import type { FloatingOp, NumericOp, Predicate, UnaryOp } from './types.ts'

type Unary = (typeof unaryPrimitives)[number]

/** Elementwise on floats; integers become float32 first. */
const floating =
  (kind: Unary): FloatingOp =>
  (x: TensorLike) =>
    apply(kind, [toFloating(asTensor(x))], {}) as never

/** Elementwise on any number; bools count as int32. */
const numerical =
  (kind: Unary): NumericOp =>
  (x: TensorLike) =>
    apply(kind, [numeric(asTensor(x))], {}) as never

/** Elementwise on floats; integers stay as they are (they are whole already). */
const rounding =
  (kind: Unary): UnaryOp =>
  (x: TensorLike) => {
    const t = asTensor(x)
    return (isFloating(t.dtype) ? apply(kind, [t], {}) : t) as never
  }

/** −x. */
export const neg = numerical('neg')
/** |x|. */
export const abs = numerical('abs')
/** −1, 0 or 1. */
export const sign = numerical('sign')
/** eˣ. */
export const exp = floating('exp')
/** Natural logarithm. */
export const log = floating('log')
/** √x; NaN below 0. */
export const sqrt = floating('sqrt')
/** 1 / x. */
export const reciprocal = floating('reciprocal')
/** Sine of an angle in radians. */
export const sin = floating('sin')
/** Cosine of an angle in radians. */
export const cos = floating('cos')
/** The angle in [−π/2, π/2], in radians, whose sine is x. */
export const asin = floating('asin')
/** The angle in [0, π], in radians, whose cosine is x. */
export const acos = floating('acos')
/** The angle in (−π/2, π/2), in radians, whose tangent is x. */
export const atan = floating('atan')
/** Hyperbolic tangent. */
export const tanh = floating('tanh')
/** 1 / (1 + e^−x). */
export const sigmoid = floating('sigmoid')
/** max(x, 0). */
export const relu = numerical('relu')
/** The error function, 2/√π ∫₀ˣ e^−t² dt. */
export const erf = floating('erf')
/** The largest whole number that is not above x. */
export const floor = rounding('floor')
/** The least whole number that is not below x. */
export const ceil = rounding('ceil')
/** To the nearest integer; halves to the even one, as in NumPy. */
export const round = rounding('round')
/** Whether x is NaN. */
const isNotANumber: Predicate = (x: TensorLike) => apply('isNaN', [toFloating(asTensor(x))], {}) as never

export { isNotANumber as isNaN }
/** The value, through which no gradient flows. */
export const stopGradient: UnaryOp = (x: TensorLike) => apply('stopGradient', [asTensor(x)], {}) as never

/** Whether x is false. */
export const logicalNot: Predicate = (x: TensorLike) => apply('not', [cast(asTensor(x), 'bool')], {}) as never

/** x². */
export const square: NumericOp = (x: TensorLike) => {
  const t = numeric(asTensor(x))
  return apply('mul', [t, t], {}) as never
}

/** 1 / √x. */
export const rsqrt: FloatingOp = (x: TensorLike) => reciprocal(sqrt(asTensor(x))) as never

/** Tangent of an angle in radians. */
export const tan: FloatingOp = (x: TensorLike) => {
  const t = asTensor(x)
  return apply('div', [sin(t), cos(t)], {}) as never
}

/**
 * e^x − 1 without the cancellation near 0: tanh(x/2)·(e^x + 1) is the same and keeps all digits there.
 */
export const expm1: FloatingOp = (x: TensorLike) => {
  const t = toFloating(asTensor(x))
  const half = tanh(apply('mul', promote(t, 0.5), {}))
  return apply('mul', [half, apply('add', promote(exp(t), 1), {})], {}) as never
}

/**
 * log(1 + x) without the loss of digits near 0: with u = 1 + x rounded, log(u)·x / (u − 1) is exact to the
 * last bits (W. Kahan; HP-15C Advanced Functions Handbook, 1982). Where u − 1 is x the correction is 1.
 */
export const log1p: FloatingOp = (x: TensorLike) => {
  const t = toFloating(asTensor(x))
  const u = apply('add', promote(t, 1), {})
  const offset = apply('sub', promote(u, 1), {})
  const logarithm = apply('log', [u], {})
  const corrected = apply('div', [apply('mul', [logarithm, t], {}), offset], {})
  const nearZero = apply('select', [apply('equal', promote(offset, 0), {}), t, corrected], {})
  const value = apply('select', [apply('equal', [offset, t], {}), logarithm, nearZero], {})
  return withGradient(value, [t], (g) => [apply('div', [g, u], {})]) as never
}

/** (e^x − e^−x) / 2. */
export const sinh: FloatingOp = (x: TensorLike) => {
  const t = toFloating(asTensor(x))
  const [positive, negative] = [expm1(t), expm1(neg(t))]
  return apply('mul', promote(apply('sub', [positive, negative], {}), 0.5), {}) as never
}

/** (e^x + e^−x) / 2. */
export const cosh: FloatingOp = (x: TensorLike) => {
  const t = toFloating(asTensor(x))
  return apply('mul', promote(apply('add', [exp(t), exp(neg(t))], {}), 0.5), {}) as never
}

/**
 * `value` with a gradient of its own: `gradient` gets the cotangent of the value and gives those of the
 * arguments (null where none flows). For what the chain rule would compute badly or slowly.
 *
 * @example
 * const clipped = ops.withGradient(x.clip({ min: 0, max: 1 }), [x], (g) => [g]) // straight-through
 */
export function withGradient<S extends Shape, D extends DType>(
  value: Tensor<S, D>,
  args: readonly Tensor[],
  gradient: (cotangent: Tensor) => readonly (Tensor | null)[],
): Tensor<S, D> {
  return apply('customGradient', [value, ...args], {
    gradient: (cotangent) => gradient(new Tensor(cotangent)).map((g) => g?.node ?? null),
  }) as Tensor<S, D>
}
