import { isFloating } from '../base/dtype.ts'
import { anything, checked, notNegative, optionsOf } from '../base/options.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast, numeric, promote } from './apply.ts'
import type { BinaryOp } from './types.ts'

type Comparison = 'equal' | 'less' | 'lessEqual'

function compared(kind: Comparison, a: TensorLike, b: TensorLike, swapped = false): Tensor {
  const [x, y] = kind === 'equal' ? promote(a, b) : promote(a, b).map(numeric)
  return apply(kind, (swapped ? [y, x] : [x, y]) as Tensor[], {})
}

const compare =
  (kind: Comparison, swapped = false): BinaryOp<'broadcast', 'bool'> =>
  (a: TensorLike, b: TensorLike) =>
    compared(kind, a, b, swapped) as never

const bool = (x: TensorLike): Tensor => cast(asTensor(x), 'bool')

const logical =
  (kind: 'and' | 'or' | 'xor'): BinaryOp<'broadcast', 'bool'> =>
  (a: TensorLike, b: TensorLike) =>
    apply(kind, [bool(a), bool(b)], {}) as never

/** Whether a = b: bools. */
export const equal = compare('equal')
/** Whether a < b: bools. */
export const less = compare('less')
/** Whether a ≤ b: bools. */
export const lessEqual = compare('lessEqual')
/** Whether a > b: bools. */
export const greater = compare('less', true)
/** Whether a ≥ b: bools. */
export const greaterEqual = compare('lessEqual', true)
/** Whether a ≠ b: bools. */
export const notEqual: BinaryOp<'broadcast', 'bool'> = (a: TensorLike, b: TensorLike) =>
  apply('not', [compared('equal', a, b)], {}) as never

/** Whether both are true, element by element. */
export const logicalAnd = logical('and')
/** Whether at least one is true, element by element. */
export const logicalOr = logical('or')
/** Whether exactly one is true, element by element. */
export const logicalXor = logical('xor')

/**
 * `a` where the condition holds, `b` elsewhere; all three broadcast.
 *
 * @example
 * ops.where(x.greater(0), x, 0) // relu
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promote(a, b)
  return apply('select', [bool(condition), x, y], {})
}

export interface ClipOptions {
  /** Lower bound. Default none. */
  readonly min?: TensorLike
  /** Upper bound. Default none. */
  readonly max?: TensorLike
}

const clipChecks = optionsOf<ClipOptions>()({ min: anything, max: anything })

/** The values, but none below `min` and none above `max`. */
export function clip(x: TensorLike, options: ClipOptions): Tensor {
  const { min, max } = checked('clip', options, clipChecks)
  const above = min === undefined ? asTensor(x) : apply('max', promote(x, min), {})
  return max === undefined ? above : apply('min', promote(above, max), {})
}

const closenessChecks = optionsOf<{ readonly relative?: number; readonly absolute?: number }>()({
  relative: notNegative,
  absolute: notNegative,
})

/** Whether two tensors differ by at most `absolute + relative·|b|` everywhere: a bool scalar. */
export function allClose(
  a: TensorLike,
  b: TensorLike,
  options: {
    /** Allowed difference for each unit of |b|. Default 1e-5. */
    readonly relative?: number
    /** Allowed difference where b is 0. Default 1e-8. */
    readonly absolute?: number
  } = {},
): Tensor {
  const { relative = 1e-5, absolute = 1e-8 } = checked('allClose', options, closenessChecks)
  const [x, y] = promote(a, b)
  const floats = isFloating(x.dtype) ? [x, y] : [cast(x, 'float32'), cast(y, 'float32')]
  const [p, q] = floats as [Tensor, Tensor]
  const distance = apply('abs', [apply('sub', [p, q], {})], {})
  const limit = apply(
    'add',
    promote(apply('mul', promote(apply('abs', [q], {}), relative), {}), absolute),
    {},
  )
  const within = cast(lessEqual(distance, limit), 'int32')
  return cast(apply('reduceMin', [within], { axes: within.shape.map((_, i) => i), keepDims: false }), 'bool')
}
