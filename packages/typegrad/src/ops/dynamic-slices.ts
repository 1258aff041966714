import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Check, DynamicSlice, Ok, SameRank } from '../tensor/shape-types.ts'
import { constant, Tensor } from '../tensor/tensor.ts'
import { apply, cast, promoteTypes } from './apply.ts'
import { sliceBounds, wholeNumbers } from './slice-bounds.ts'
import type { DTypeOf, ShapeOf } from './types.ts'

/**
 * Where a block begins: for each axis a whole number or a scalar tensor (int32 or int64), or one tensor with a start for
 * each axis. Tensors may be computed: a compiled function is not traced again when they change.
 */
export type SliceStarts = Tensor | readonly (number | Tensor)[]

/**
 * A block of `sizes` elements that begins at `starts`, which may be computed. Sizes are numbers, so that the shape is known;
 * a size of −1 takes all that is left behind a start that is a number.
 *
 * Negative starts count from the end of their axis. A block that would not fit is moved until it does: starts are clamped
 * to 0 … dimension − size. This is JAX's `lax.dynamic_slice`, and Keras's `ops.slice` on JAX.
 *
 * @param x (d₀, …, dₙ)
 * @returns `sizes`, in x's dtype.
 * @throws ShapeError for a block larger than x, and for more or fewer starts than axes; ArgumentError for numbers that are
 * not whole, and for a size of −1 behind a computed start; DTypeError for tensors of starts that are not int32 or int64.
 * @example
 * const position = tensor(1, { dtype: 'int32' })
 * ops.dynamicSlice(tensor([[1, 2, 3], [4, 5, 6]]), [0, position], [2, 2]) // [[2, 3], [5, 6]]
 */
export function dynamicSlice<X extends TensorLike, const Z extends Shape>(
  x: X,
  starts: SliceStarts,
  sizes: Z & Check<DynamicSlice<ShapeOf<X>, Z>>,
): Tensor<Ok<DynamicSlice<ShapeOf<X>, Z>>, DTypeOf<X>>
export function dynamicSlice(x: TensorLike, starts: SliceStarts, sizes: Shape): Tensor {
  const t = asTensor(x)
  const at = startsOf('dynamicSlice', starts, t.shape)
  const block = wholeNumbers('dynamicSlice', 'a size', sizes).map((size, axis) =>
    size === -1 ? rest(starts, axis, t.shape) : size,
  )
  return apply('dynamicSlice', [t, at], { sizes: block })
}

/**
 * `x` with `update` written over the block that begins at `starts`, which may be computed: see {@link dynamicSlice} for what
 * starts may be and how they are clamped. This is JAX's `lax.dynamic_update_slice`, and Keras's `ops.slice_update`.
 *
 * A compiled function that assigns the result to the variable that it is made of (`cache.assign(cache.value.dynamicUpdateSlice(
 * row, [position, 0]))`) and does not read the old value afterwards writes that block, and copies nothing.
 *
 * @param x (d₀, …, dₙ)
 * @param update of x's rank, no larger along any axis; it is cast to x's dtype.
 * @throws ShapeError for an update that does not fit, and for more or fewer starts than axes; ArgumentError for numbers that
 * are not whole; DTypeError for tensors of starts that are not int32 or int64.
 * @example
 * const position = tensor(2, { dtype: 'int32' })
 * ops.dynamicUpdateSlice(zeros([4]), tensor([7, 8]), [position]) // [0, 0, 7, 8]
 */
export function dynamicUpdateSlice<X extends TensorLike, U extends TensorLike>(
  x: X,
  update: U & Check<SameRank<ShapeOf<X>, ShapeOf<U>, 'dynamicUpdateSlice'>>,
  starts: SliceStarts,
): Tensor<ShapeOf<X>, DTypeOf<X>>
export function dynamicUpdateSlice(x: TensorLike, update: TensorLike, starts: SliceStarts): Tensor {
  const t = asTensor(x)
  const at = startsOf('dynamicUpdateSlice', starts, t.shape)
  return apply('dynamicUpdateSlice', [t, cast(asTensor(update), t.dtype), at], {})
}

/** What is left of an axis behind its start. */
function rest(starts: SliceStarts, axis: number, shape: Shape): number {
  const start = starts instanceof Tensor ? undefined : starts[axis]
  const length = shape[axis]
  if (typeof start === 'number' && length !== undefined)
    return length - sliceBounds('dynamicSlice', length, start, undefined).start
  throw new ArgumentError({
    where: 'dynamicSlice: sizes',
    expected: 'a size of at least 0 where the start is computed',
    received: `−1 for axis ${axis}`,
    fix: 'A shape is known while the graph is made: say how many elements the block has.',
  })
}

/** Starts as one vector (rank) of int32, or of int64 if one of them is. */
function startsOf(where: string, starts: SliceStarts, shape: Shape): Tensor {
  if (starts instanceof Tensor) return starts
  if (!Array.isArray(starts) || starts.length !== shape.length) {
    throw new ShapeError({
      where: `${where}: starts`,
      expected: `a whole number or a scalar tensor for each of the ${shape.length} axes of ${formatShape(shape)}`,
      received: Array.isArray(starts) ? `${starts.length}` : String(starts),
      fix: 'Give axes that are taken whole the start 0.',
    })
  }
  const parts: Tensor[] = starts.map((start: number | Tensor) =>
    start instanceof Tensor
      ? vectorOf(where, start)
      : constant(wholeNumbers(where, 'a start', [start]), [1], 'int32'),
  )
  const [first] = parts
  if (first === undefined) return constant([], [0], 'int32')
  const dtype = parts.map((part) => part.dtype).reduce(promoteTypes)
  const alike = parts.map((part) => cast(part, dtype))
  return alike.length === 1 ? (alike[0] as Tensor) : apply('concat', alike, { axis: 0 })
}

function vectorOf(where: string, start: Tensor): Tensor {
  if (start.rank === 0) return apply('reshape', [start], { shape: [1] })
  throw new ShapeError({
    where: `${where}: starts`,
    expected: 'scalar tensors in a list of starts',
    received: `one of shape ${formatShape(start.shape)}`,
    fix: 'One tensor with all starts stands by itself, without a list around it.',
  })
}
