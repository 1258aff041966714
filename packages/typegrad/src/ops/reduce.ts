import { describe } from '../base/describe.ts'
import { type DType, isFloating } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { boolean, checked, checkOptions, optionsOf } from '../base/options.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { reducedShape } from '../graph/infer.ts'
import type { reductionPrimitives } from '../graph/primitives.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Countable, Floating } from '../tensor/dtype-types.ts'
import type { Check, Ok, Reduce } from '../tensor/shape-types.ts'
import { scalar, type Tensor } from '../tensor/tensor.ts'
import { apply, cast, countable, normalizeAxes, normalizeAxis, numeric, toFloating } from './apply.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { exp, log, sqrt, stopGradient, withGradient } from './elementwise.ts'
import type { DTypeOf, ShapeOf } from './types.ts'

export interface ReduceOptions<Keep extends boolean = boolean> {
  /** Whether reduced dimensions stay, with size 1. Default false. */
  readonly keepDims?: Keep
}

const reduceChecks = optionsOf<ReduceOptions>()({ keepDims: boolean })

type Axis = number | readonly number[] | undefined

/** A reduction over one axis, several, or all (the default). */
export type Reduction<Op extends string = 'reduce', Kind extends keyof Reduced<DType> = 'same'> = <
  X extends TensorLike,
  const A extends Axis = undefined,
  Keep extends boolean = false,
>(
  x: X & Check<Reduce<ShapeOf<X>, A, Keep, Op>>,
  axis?: A,
  options?: ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<ShapeOf<X>, A, Keep, Op>>, Reduced<DTypeOf<X>>[Kind] & DType>

/** What becomes of a dtype when its elements are reduced to one. */
export interface Reduced<D extends DType> {
  same: D
  countable: Countable<D>
  floating: Floating<D>
  bool: 'bool'
}

/** What implementations work with, behind the typed surface. */
type Untyped = (x: TensorLike, axis?: Axis, options?: ReduceOptions) => Tensor
const typed = <R>(where: string, implementation: Untyped): R =>
  ((x: TensorLike, axis?: Axis, options?: ReduceOptions) => {
    checkOptions(where, options, reduceChecks)
    if (typeof axis === 'object' && !Array.isArray(axis)) {
      throw new ArgumentError({
        where: `${where}: axis`,
        expected: 'a number, or an array of them',
        received: describe(axis),
        fix: `Write x.${where}(0), with options behind: x.${where}(0, { keepDims: true }).`,
      })
    }
    return implementation(x, axis, options)
  }) as R

const reduce = (
  where: string,
  kind: (typeof reductionPrimitives)[number],
  x: Tensor,
  axis: Axis,
  keepDims: boolean,
): Tensor => {
  const axes = normalizeAxes(where, axis, x.shape)
  if (axes.length === 0) return x
  if (kind === 'reduceMax' || kind === 'reduceMin') checkNotEmpty(where, x, axes)
  return apply(kind, [x], { axes, keepDims })
}

const lengthOf = ({ shape }: Tensor, axes: readonly number[]): number =>
  sizeOf(axes.map((axis) => shape[axis] as number))

/** An extreme of nothing is nothing, as in NumPy and PyTorch; where there is no result either, none is missing. */
function checkNotEmpty(where: string, x: Tensor, axes: readonly number[]): void {
  if (lengthOf(x, axes) > 0 || x.shape.some((size, axis) => size === 0 && !axes.includes(axis))) return
  throw new ArgumentError({
    where,
    expected: 'at least one element along the axes',
    received: `shape ${formatShape(x.shape)} and axes ${formatShape(axes)}`,
    fix: 'The largest or smallest of no elements does not exist.',
  })
}

/** One value in the place of a reduction of no elements. */
const filledLike = (
  value: number,
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
  dtype: DType,
): Tensor => apply('broadcast', [scalar(value, dtype)], { shape: reducedShape(x.shape, { axes, keepDims }) })

/** The sum of the elements, of all or along axes. */
export const sum: Reduction<'sum', 'countable'> = typed('sum', (x, axis, { keepDims = false } = {}) =>
  reduce('sum', 'reduceSum', countable(asTensor(x)), axis, keepDims),
)
/** The product of the elements, of all or along axes. */
export const prod: Reduction<'prod', 'countable'> = typed('prod', (x, axis, { keepDims = false } = {}) =>
  reduce('prod', 'reduceProd', countable(asTensor(x)), axis, keepDims),
)
/** The largest element, of all or along axes. */
export const max: Reduction<'max'> = typed('max', (x, axis, { keepDims = false } = {}) =>
  reduce('max', 'reduceMax', asTensor(x), axis, keepDims),
)
/** The smallest element, of all or along axes. */
export const min: Reduction<'min'> = typed('min', (x, axis, { keepDims = false } = {}) =>
  reduce('min', 'reduceMin', asTensor(x), axis, keepDims),
)

/** Sums of these have digits enough: float16 and integers are averaged in a wider dtype. */
const wide = (t: Tensor): Tensor => {
  if (t.dtype === 'float32' || t.dtype === 'float64') return t
  return cast(t, t.dtype === 'float16' || t.dtype === 'bool' || t.dtype === 'uint8' ? 'float32' : 'float64')
}

/** What averages of a dtype are: integers become float32. */
const averaged = (value: Tensor, of: Tensor): Tensor =>
  cast(value, isFloating(of.dtype) ? of.dtype : 'float32')

/** The arithmetic mean; that of integers is float32. */
export const mean: Reduction<'mean', 'floating'> = typed('mean', (x, axis, { keepDims = false } = {}) => {
  const t = asTensor(x)
  return averaged(meanOf(wide(t), normalizeAxes('mean', axis, t.shape), keepDims), t)
})

const meanOf = (t: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  axes.length === 0
    ? t
    : apply('div', [apply('reduceSum', [t], { axes, keepDims }), scalar(lengthOf(t, axes), t.dtype)], {})

/**
 * The mean squared distance from the mean (population variance, as NumPy's default).
 *
 * Distances are taken twice, from the mean and from the mean of the distances: what rounding left of the first mean is
 * all of [10000001, 10000002, 10000003] in float32 (Chan, Golub, LeVeque 1983, "Algorithms for computing the sample
 * variance").
 */
export const variance: Reduction<'variance', 'floating'> = typed(
  'variance',
  (x, axis, { keepDims = false } = {}) => {
    const given = asTensor(x)
    const t = wide(given)
    const axes = normalizeAxes('variance', axis, t.shape)
    const near = sub(t, meanOf(t, axes, true))
    const centred = sub(near, meanOf(near, axes, true))
    const value = meanOf(mul(centred, centred), axes, keepDims)
    const kept = reducedShape(t.shape, { axes, keepDims: true })
    const own = withGradient(value, [t], (g) => {
      const share = mul(apply('reshape', [g], { shape: kept }), 2 / lengthOf(t, axes))
      return [mul(centred, share)]
    })
    return averaged(own, given)
  },
)

/** Square root of the variance. Its gradient where all are equal is 0, as in PyTorch. */
export const std: Reduction<'std', 'floating'> = typed('std', (x, axis, options) =>
  rootOfSquares(plain(variance)(x, axis, options)),
)

const logical = (where: string, kind: 'reduceMax' | 'reduceMin', ofNone: 0 | 1): Untyped => {
  return (x, axis, { keepDims = false } = {}) => {
    const t = asTensor(x)
    const axes = normalizeAxes(where, axis, t.shape)
    if (axes.length > 0 && lengthOf(t, axes) === 0) return filledLike(ofNone, t, axes, keepDims, 'bool')
    return cast(reduce(where, kind, cast(cast(t, 'bool'), 'int32'), axes, keepDims), 'bool')
  }
}

/** Whether any element is true (not zero); of none, none is. */
export const any: Reduction<'any', 'bool'> = typed('any', logical('any', 'reduceMax', 0))

/** Whether all elements are true (not zero); of none, all are. */
export const all: Reduction<'all', 'bool'> = typed('all', logical('all', 'reduceMin', 1))

/**
 * log Σ eˣ, with the maximum taken off first so that no power overflows. A row of −∞ gives −∞ and passes no gradient, one
 * with +∞ gives +∞.
 */
export const logSumExp: Reduction<'logSumExp', 'floating'> = typed(
  'logSumExp',
  (x, axis, { keepDims = false } = {}) => {
    const t = toFloating(asTensor(x))
    const axes = normalizeAxes('logSumExp', axis, t.shape)
    if (axes.length === 0) return t
    if (lengthOf(t, axes) === 0) return filledLike(Number.NEGATIVE_INFINITY, t, axes, keepDims, t.dtype)
    const infinite = (of: Tensor, value: number) => apply('equal', [of, scalar(value, t.dtype)], {})
    const zero = scalar(0, t.dtype)
    const largest = stopGradient(apply('reduceMax', [t], { axes, keepDims: true }))
    // ∞ − ∞ is no number: where the maximum is infinite nothing is taken off.
    const shift = apply(
      'select',
      [infinite(apply('abs', [largest], {}), Number.POSITIVE_INFINITY), zero, largest],
      {},
    )
    const sums = apply('reduceSum', [exp(sub(t, shift))], { axes, keepDims: true })
    const value: Tensor = withGradient(add(log(sums), shift), [t], (g) => {
      const finite = apply('select', [infinite(value, Number.NEGATIVE_INFINITY), zero, value], {})
      return [mul(g, exp(sub(t, finite)))]
    })
    return keepDims
      ? value
      : apply('reshape', [value], { shape: reducedShape(t.shape, { axes, keepDims: false }) })
  },
)

/** The Euclidean norm √Σx². Its gradient at 0 is 0, as in PyTorch. */
export const norm: Reduction<'norm', 'floating'> = typed('norm', (x, axis, options) => {
  const t = toFloating(asTensor(x))
  return rootOfSquares(plain(sum)(mul(t, t), axis, options))
})

/** √x of a sum of squares. At 0, where no direction is steepest, its gradient is 0 and not ∞ times the squares' 0. */
function rootOfSquares(squares: Tensor): Tensor {
  const zero = scalar(0, squares.dtype)
  const isZero = apply('equal', [squares, zero], {})
  const root = sqrt(apply('select', [isZero, scalar(1, squares.dtype), squares], {}))
  return apply('select', [isZero, zero, root], {})
}

function plain<Op extends string, Kind extends keyof Reduced<DType>>(
  reduction: Reduction<Op, Kind>,
): Untyped {
  return reduction as Untyped
}

/** Positions along one axis, or (the default) in the flattened tensor. */
export type ArgReduction<Op extends string> = <
  X extends TensorLike,
  const A extends number | undefined = undefined,
  Keep extends boolean = false,
>(
  x: X,
  axis?: A & Check<Reduce<ShapeOf<X>, A, Keep, Op>>,
  options?: ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<ShapeOf<X>, A, Keep, Op>>, 'int32'>

const argReduce = <Op extends 'argMax' | 'argMin'>(kind: Op) =>
  ((x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor => {
    const { keepDims = false } = checked(kind, options, reduceChecks)
    const t = asTensor(x)
    const line = axis === undefined ? apply('reshape', [numeric(t)], { shape: [t.size] }) : numeric(t)
    const at = axis === undefined ? 0 : normalizeAxis(kind, axis, t.shape)
    checkNotEmpty(kind, line, [at])
    const indices = apply(kind, [line], { axis: at })
    return keepDims
      ? apply('reshape', [indices], {
          shape: t.shape.map((d, i) => (axis === undefined || i === at ? 1 : d)),
        })
      : indices
  }) as ArgReduction<Op>

/** Position (int32) of the largest element, along an axis or (the default) of all; the first of equal ones. */
export const argMax: ArgReduction<'argMax'> = argReduce('argMax')
/** Position (int32) of the smallest element, along an axis or (the default) of all; the first of equal ones. */
export const argMin: ArgReduction<'argMin'> = argReduce('argMin')

/** x / ‖x‖ along an axis; the zero vector stays zero. */
export function normalize(x: TensorLike, axis = -1, epsilon = 1e-12): Tensor {
  const t = toFloating(asTensor(x))
  const squares = plain(sum)(mul(t, t), axis, { keepDims: true })
  const length = sqrt(
    apply('max', [squares, squares.dtype === t.dtype ? asTensor(epsilon, t.dtype) : squares], {}),
  )
  return div(t, length)
}
