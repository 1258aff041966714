import { fitsDType } from '../base/conversions.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { checked, numeric, oneOf, optionsOf } from '../base/options.ts'
import { formatShape, type Mutable, type Shape } from '../base/shape.ts'
import { arange, asTensor, type TensorLike } from '../tensor/create.ts'
import type {
  Check,
  Concat,
  ExpandDims,
  Flatten,
  Ok,
  Reshape,
  Squeeze,
  Stack,
  Transpose,
} from '../tensor/shape-types.ts'
import { constant, type Tensor } from '../tensor/tensor.ts'
import { apply, cast, normalizeAxes, normalizeAxis, promoteTypes } from './apply.ts'
import { tracedBounds, wholeNumbers } from './slice-bounds.ts'
import type { ShapeOf } from './types.ts'

/**
 * The same elements in row-major order under another shape; one dimension may be −1, which takes the rest.
 *
 * @throws ShapeError if the number of elements differs.
 * @example
 * ops.reshape(tensor([1, 2, 3, 4]), [2, -1]) // [[1, 2], [3, 4]]
 */
export function reshape<X extends TensorLike, const T extends Shape>(
  x: X,
  shape: T & Check<Reshape<ShapeOf<X>, T>>,
): Tensor<Ok<Reshape<ShapeOf<X>, T>>>
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const t = asTensor(x)
  const free = shape.indexOf(-1)
  if (free === -1) return apply('reshape', [t], { shape: [...shape] })
  const rest = shape.reduce((size, d, i) => (i === free ? size : size * d), 1)
  if (rest <= 0 || t.size % rest !== 0) {
    throw new ShapeError({
      where: 'reshape',
      expected: `known dimensions whose product divides the ${t.size} elements of ${formatShape(t.shape)}`,
      received: formatShape(shape),
    })
  }
  return apply('reshape', [t], { shape: shape.map((d, i) => (i === free ? t.size / rest : d)) })
}

/** One dimension with all elements. */
export const flatten = <S extends Shape>(x: Tensor<S>): Tensor<Flatten<S>> =>
  apply('reshape', [x], { shape: [x.size] }) as never

/** The axes in another order; reversed if no permutation is given. */
export function transpose<X extends TensorLike, const P extends Shape | undefined = undefined>(
  x: X,
  permutation?: P & Check<Transpose<ShapeOf<X>, P>>,
): Tensor<Ok<Transpose<ShapeOf<X>, P>>>
export function transpose(x: TensorLike, permutation?: Shape): Tensor {
  const t = asTensor(x)
  const order = permutation ?? t.shape.map((_, i) => t.rank - 1 - i)
  return apply('transpose', [t], {
    permutation: order.map((axis) => normalizeAxis('transpose', axis, t.shape)),
  })
}

/** A new dimension of size 1 at `axis` of the result. */
export function expandDims<S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: A & Check<ExpandDims<S, A>>,
): Tensor<Ok<ExpandDims<S, A>>> {
  const at = normalizeAxis('expandDims', axis, x.shape, 1)
  return apply('reshape', [x], { shape: x.shape.toSpliced(at, 0, 1) }) as never
}

/** Without the dimensions of size 1: those named, or all. */
export function squeeze<S extends Shape, const A extends number | readonly number[] | undefined = undefined>(
  x: Tensor<S> & Check<Squeeze<S, A>>,
  axis?: A,
): Tensor<Ok<Squeeze<S, A>>> {
  const axes =
    axis === undefined
      ? x.shape.flatMap((d, i) => (d === 1 ? [i] : []))
      : normalizeAxes('squeeze', axis, x.shape)
  for (const at of axes) {
    if (x.shape[at] !== 1) {
      throw new ShapeError({
        where: 'squeeze',
        expected: `dimensions of size 1 at axes ${formatShape(axes)}`,
        received: `shape ${formatShape(x.shape)}`,
      })
    }
  }
  return apply('reshape', [x], { shape: x.shape.filter((_, i) => !axes.includes(i)) }) as never
}

/** The elements repeated along dimensions of size 1 (and new leading ones) until the shape is reached. */
export const broadcastTo = <const T extends Shape>(x: TensorLike, shape: T): Tensor<Mutable<T>> =>
  apply('broadcast', [asTensor(x)], { shape }) as Tensor<Mutable<T>>

/** Tensors of one dtype, the widest of theirs. */
function alike(where: string, tensors: readonly TensorLike[]): Tensor[] {
  if (tensors.length === 0) {
    throw new ArgumentError({ where, expected: 'at least one tensor', received: 'an empty list' })
  }
  const list = tensors.map((t) => asTensor(t))
  const dtype = list.map((t) => t.dtype).reduce(promoteTypes)
  return list.map((t) => cast(t, dtype))
}

/** Tensors joined along an axis that exists. */
export function concat<const T extends readonly Tensor[], const A extends number = 0>(
  tensors: T & Check<Concat<ShapesOf<T>, A>>,
  axis?: A,
): Tensor<Ok<Concat<ShapesOf<T>, A>>>
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const list = alike('concat', tensors)
  const first = list[0] as Tensor
  return list.length === 1
    ? first
    : apply('concat', list, { axis: normalizeAxis('concat', axis, first.shape) })
}

/** Tensors of one shape joined along a new axis. */
export function stack<const T extends readonly Tensor[], const A extends number = 0>(
  tensors: T & Check<Stack<ShapesOf<T>, A>>,
  axis?: A,
): Tensor<Ok<Stack<ShapesOf<T>, A>>>
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const list = alike('stack', tensors)
  const first = list[0] as Tensor
  const at = normalizeAxis('stack', axis, first.shape, 1)
  const odd = list.find((t) => formatShape(t.shape) !== formatShape(first.shape))
  if (odd !== undefined) {
    throw new ShapeError({
      where: 'stack',
      expected: `tensors of one shape, ${formatShape(first.shape)}`,
      received: formatShape(odd.shape),
    })
  }
  const expanded = list.map((t) => apply('reshape', [t], { shape: t.shape.toSpliced(at, 0, 1) }))
  return expanded.length === 1 ? (expanded[0] as Tensor) : apply('concat', expanded, { axis: at })
}

type ShapesOf<T extends readonly Tensor[]> = { [K in keyof T]: T[K] extends Tensor<infer S> ? S : never }

/** A part of every axis, given as start, stop and step; for the ops that know all three. */
function sliced(t: Tensor, axis: number, start: number, stop: number, step = 1): Tensor {
  const at = (value: number, others: (d: number) => number) =>
    t.shape.map((d, i) => (i === axis ? value : others(d)))
  return apply('slice', [t], {
    starts: at(start, () => 0),
    stops: at(stop, (d) => d),
    steps: at(step, () => 1),
  })
}

/**
 * Parts along an axis: a number of equal ones, or ones of the given sizes.
 *
 * @throws ArgumentError if the sizes do not add up to the dimension, or it does not divide.
 */
export function split(x: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const t = asTensor(x)
  const at = normalizeAxis('split', axis, t.shape)
  const length = t.shape[at] as number
  const sizes = typeof parts === 'number' ? new Array<number>(parts).fill(length / parts) : parts
  if (
    sizes.some((size) => !Number.isInteger(size) || size < 0) ||
    sizes.reduce((a, b) => a + b, 0) !== length
  ) {
    throw new ArgumentError({
      where: 'split',
      expected: `parts that make up the ${length} elements of axis ${at} in ${formatShape(t.shape)}`,
      received: typeof parts === 'number' ? `${parts} equal parts` : formatShape(parts),
    })
  }
  let start = 0
  return sizes.map((size) => {
    const part = sliced(t, at, start, start + size)
    start += size
    return part
  })
}

/** The tensors along an axis, without it. */
export function unstack(x: TensorLike, axis = 0): Tensor[] {
  const t = asTensor(x)
  const at = normalizeAxis('unstack', axis, t.shape)
  const shape = t.shape.toSpliced(at, 1)
  return split(t, t.shape[at] as number, at).map((part) => apply('reshape', [part], { shape }))
}

/**
 * A block: from `starts`, of `sizes` elements along each axis; a size of −1 takes all that is left. Negative starts count
 * from the end, axes that are not named are taken whole.
 *
 * @throws ShapeError if the block does not lie inside of the tensor; ArgumentError for starts that are no whole numbers
 * known while the graph is made, such as tensors, which `dynamicSlice` takes.
 * @example
 * ops.slice(arange(10), [2], [3]) // [2, 3, 4]
 */
export function slice(x: TensorLike, starts: readonly number[], sizes: readonly number[]): Tensor {
  const t = asTensor(x)
  const given = {
    starts: wholeNumbers('slice', 'a start', starts),
    sizes: wholeNumbers('slice', 'a size', sizes),
  }
  const from = t.shape.map((d, i) => {
    const start = given.starts[i] ?? 0
    return start < 0 ? start + d : start
  })
  const stops = t.shape.map((d, i) => {
    const size = given.sizes[i] ?? -1
    return size === -1 ? d : (from[i] as number) + size
  })
  if (
    Math.max(starts.length, sizes.length) > t.rank ||
    from.some(
      (start, i) =>
        start < 0 || (stops[i] as number) > (t.shape[i] as number) || start > (stops[i] as number),
    )
  ) {
    throw new ShapeError({
      where: 'slice',
      expected: `a block inside of shape ${formatShape(t.shape)}`,
      received: `starts ${formatShape(starts)} and sizes ${formatShape(sizes)}`,
    })
  }
  return apply('slice', [t], { starts: from, stops, steps: t.shape.map(() => 1) })
}

/**
 * What stands at one position of an axis, without that axis; negative positions count from the end.
 *
 * @throws ArgumentError for a position outside of the axis.
 * @example
 * ops.at(tensor([[1, 2], [3, 4]]), -1)   // [3, 4], NumPy's x[-1]
 * ops.at(tensor([[1, 2], [3, 4]]), 0, 1) // [1, 3], NumPy's x[:, 0]
 */
export function at(x: TensorLike, position: number, axis = 0): Tensor {
  const t = asTensor(x)
  const along = normalizeAxis('at', axis, t.shape)
  const length = t.shape[along] as number
  if (!Number.isInteger(position) || position < -length || position >= length) {
    throw new ArgumentError({
      where: 'at',
      expected: `a position from ${-length} to ${length - 1} along axis ${along} of ${formatShape(t.shape)}`,
      received: String(position),
    })
  }
  const start = position < 0 ? position + length : position
  return apply('reshape', [sliced(t, along, start, start + 1)], { shape: t.shape.toSpliced(along, 1) })
}

/**
 * NumPy's `x[start:stop:step]` along an axis: negative bounds count from the end, those beyond the axis mean its end, and
 * a negative step goes backwards. What is left out, or null, is the whole axis.
 *
 * @throws ArgumentError for a step of 0 and for bounds that are no whole numbers.
 * @example
 * ops.stridedSlice(arange(5), 0, 1, -1)          // [1, 2, 3]
 * ops.stridedSlice(arange(5), 0, null, null, -2) // [4, 2, 0]
 */
export function stridedSlice(
  x: TensorLike,
  axis: number,
  start?: number | null,
  stop?: number | null,
  step = 1,
): Tensor {
  const t = asTensor(x)
  const along = normalizeAxis('stridedSlice', axis, t.shape)
  const bounds = tracedBounds('stridedSlice', t.shape[along] as number, start, stop, step)
  return sliced(t, along, bounds.start, bounds.stop, bounds.step)
}

/** The elements in the opposite order along the axes (default: all). */
export function flip(x: TensorLike, axis?: number | readonly number[]): Tensor {
  const t = asTensor(x)
  const axes = normalizeAxes('flip', axis, t.shape)
  return apply('slice', [t], {
    starts: t.shape.map((d, i) => (axes.includes(i) ? d - 1 : 0)),
    stops: t.shape.map((d, i) => (axes.includes(i) ? -1 : d)),
    steps: t.shape.map((_, i) => (axes.includes(i) ? -1 : 1)),
  })
}

/** The elements moved on by `shift` along an axis; those that fall off come in at the other end. */
export function roll(x: TensorLike, shift: number, axis = 0): Tensor {
  const t = asTensor(x)
  const at = normalizeAxis('roll', axis, t.shape)
  const length = t.shape[at] as number
  if (!Number.isInteger(shift)) {
    throw new ArgumentError({ where: 'roll', expected: 'a whole shift', received: String(shift) })
  }
  const offset = length === 0 ? 0 : ((shift % length) + length) % length
  if (offset === 0) return t
  return apply('concat', [sliced(t, at, length - offset, length), sliced(t, at, 0, length - offset)], {
    axis: at,
  })
}

function checkCount(where: string, count: number): void {
  if (Number.isInteger(count) && count >= 0) return
  throw new ArgumentError({
    where,
    expected: 'whole numbers of repetitions of at least 0',
    received: String(count),
  })
}

/** The whole tensor repeated, once for each unit of `repeats` an axis. */
export function tile(x: TensorLike, repeats: readonly number[]): Tensor {
  const t = asTensor(x)
  repeats.forEach((count) => {
    checkCount('tile', count)
  })
  const rank = Math.max(t.rank, repeats.length)
  const shape = [...new Array<number>(rank - t.rank).fill(1), ...t.shape]
  const counts = [...new Array<number>(rank - repeats.length).fill(1), ...repeats]
  const interleaved = apply('reshape', [t], { shape: shape.flatMap((d) => [1, d]) })
  const grown = apply('broadcast', [interleaved], {
    shape: shape.flatMap((d, i) => [counts[i] as number, d]),
  })
  return apply('reshape', [grown], { shape: shape.map((d, i) => d * (counts[i] as number)) })
}

/** Every element repeated in place, along an axis. */
export function repeat(x: TensorLike, repeats: number, axis = 0): Tensor {
  const t = asTensor(x)
  const at = normalizeAxis('repeat', axis, t.shape)
  checkCount('repeat', repeats)
  const grown = apply('broadcast', [apply('reshape', [t], { shape: t.shape.toSpliced(at + 1, 0, 1) })], {
    shape: t.shape.toSpliced(at + 1, 0, repeats),
  })
  return apply('reshape', [grown], { shape: t.shape.map((d, i) => (i === at ? d * repeats : d)) })
}

const padModes = ['constant', 'reflect', 'symmetric', 'edge'] as const

export interface PadOptions {
  /**
   * What stands outside: a constant, the mirror image without the edge (`'reflect'`) or with it (`'symmetric'`), or the
   * edge itself. Default constant.
   */
  readonly mode?: (typeof padModes)[number]
  /** The constant. Default 0. */
  readonly value?: number
}

const padChecks = optionsOf<PadOptions>()({
  mode: oneOf('constant', 'reflect', 'symmetric', 'edge'),
  value: numeric,
})

/**
 * Elements added before and after, `[before, after]` for every axis.
 *
 * @throws ArgumentError for a mode that is not known, negative paddings, or an axis without elements in another mode
 * than `'constant'`.
 * @example
 * ops.pad(tensor([1, 2]), [[1, 2]]) // [0, 1, 2, 0, 0]
 */
export function pad(
  x: TensorLike,
  padding: readonly (readonly [number, number])[],
  options: PadOptions = {},
): Tensor {
  const { mode = 'constant', value = 0 } = checked('pad', options, padChecks)
  const t = asTensor(x)
  if (padding.length !== t.rank) {
    throw new ArgumentError({
      where: 'pad',
      expected: `[before, after] for each of the ${t.rank} axes of ${formatShape(t.shape)}`,
      received: `${padding.length} pairs`,
    })
  }
  if (!padModes.includes(mode)) {
    throw new ArgumentError({
      where: 'pad: mode',
      expected: padModes.map((known) => `'${known}'`).join(', '),
      received: `'${mode}'`,
    })
  }
  for (const pair of padding) {
    if (pair.length !== 2 || pair.some((count) => !Number.isInteger(count) || count < 0)) {
      throw new ArgumentError({
        where: 'pad',
        expected: 'pairs of whole numbers of at least 0',
        received: formatShape(pair),
        fix: 'To take elements away use slice.',
      })
    }
  }
  if (mode === 'constant') {
    // Bools are made of any number.
    const fill = t.dtype === 'bool' ? Number(value !== 0) : value
    if (!fitsDType(fill, t.dtype)) {
      throw new ArgumentError({
        where: 'pad: value',
        expected: `a value of dtype ${t.dtype}`,
        received: String(value),
      })
    }
    return apply('pad', [t], { padding, value: fill })
  }
  let result = t
  padding.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return
    const length = t.shape[axis] as number
    if (length === 0) {
      throw new ArgumentError({
        where: 'pad',
        expected: `elements along axis ${axis} for mode '${mode}'`,
        received: `shape ${formatShape(t.shape)}`,
        fix: "An empty axis can only be padded with mode 'constant'.",
      })
    }
    const source = sources[mode](length)
    const indices = Array.from({ length: before + length + after }, (_, i) => source(i - before))
    result = apply('gather', [result, constant(indices, [indices.length], 'int32')], { axis })
  })
  return result
}

/** Which element of an axis stands at a position outside of it. */
const sources: Readonly<
  Record<
    Exclude<PadOptions['mode'], 'constant' | undefined>,
    (length: number) => (position: number) => number
  >
> = {
  edge: (length) => (position) => Math.min(Math.max(position, 0), length - 1),
  reflect: (length) => (position) => {
    const period = Math.max(1, 2 * (length - 1))
    const folded = modulo(position, period)
    return folded < length ? folded : period - folded
  },
  symmetric: (length) => (position) => {
    const folded = modulo(position, 2 * length)
    return folded < length ? folded : 2 * length - 1 - folded
  },
}

const modulo = (position: number, period: number): number => ((position % period) + period) % period

/** Zero above the `k`-th diagonal. */
export const tril = (x: TensorLike, k = 0): Tensor => triangle(asTensor(x), k, (row, column) => [column, row])

/** Zero below the `k`-th diagonal. */
export const triu = (x: TensorLike, k = 0): Tensor => triangle(asTensor(x), k, (row, column) => [row, column])

/** Keeps what `ordered` puts in order: the first not above the second. */
function triangle(t: Tensor, k: number, ordered: (row: Tensor, column: Tensor) => [Tensor, Tensor]): Tensor {
  const [rows, columns] = t.shape.slice(-2) as [number, number]
  const row = apply(
    'add',
    [reshape(arange(rows, undefined, 1, { dtype: 'int32' }), [rows, 1]), constant([k], [], 'int32')],
    {},
  )
  const kept = apply('lessEqual', ordered(row, arange(columns, undefined, 1, { dtype: 'int32' })), {})
  return apply('select', [kept, t, constant([0], [], t.dtype)], {})
}
