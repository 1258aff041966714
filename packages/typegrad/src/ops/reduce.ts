import type { DType } from '../base/dtype.ts'
import { reducedShape } from '../graph/infer.ts'
import type { reductionPrimitives } from '../graph/primitives.ts'
import { asTensor, type TensorLike } from '../tensor/create.ts'
import type { Countable, Floating } from '../tensor/dtype-types.ts'
import type { Check, Ok, Reduce } from '../tensor/shape-types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { apply, cast, countable, normalizeAxes, normalizeAxis, numeric, toFloating } from './apply.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { exp, log, sqrt, stopGradient } from './elementwise.ts'
import type { DTypeOf, ShapeOf } from './types.ts'

export interface ReduceOptions<Keep extends boolean = boolean> {
  /** Whether reduced dimensions stay, with size 1. Default false. */
  readonly keepDims?: Keep
}

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
const typed = <R>(implementation: Untyped): R => implementation as R

const reduce = (
  where: string,
  kind: (typeof reductionPrimitives)[number],
  x: Tensor,
  axis: Axis,
  keepDims: boolean,
): Tensor => {
  const axes = normalizeAxes(where, axis, x.shape)
  return axes.length === 0 ? x : apply(kind, [x], { axes, keepDims })
}

export const sum: Reduction<'sum', 'countable'> = typed((x, axis, { keepDims = false } = {}) =>
  reduce('sum', 'reduceSum', countable(asTensor(x)), axis, keepDims),
)
export const prod: Reduction<'prod', 'countable'> = typed((x, axis, { keepDims = false } = {}) =>
  reduce('prod', 'reduceProd', countable(asTensor(x)), axis, keepDims),
)
export const max: Reduction<'max'> = typed((x, axis, { keepDims = false } = {}) =>
  reduce('max', 'reduceMax', asTensor(x), axis, keepDims),
)
export const min: Reduction<'min'> = typed((x, axis, { keepDims = false } = {}) =>
  reduce('min', 'reduceMin', asTensor(x), axis, keepDims),
)

/** The arithmetic mean; integers become float32 first. */
export const mean: Reduction<'mean', 'floating'> = typed((x, axis, { keepDims = false } = {}) => {
  const t = toFloating(asTensor(x))
  const total = reduce('mean', 'reduceSum', t, axis, keepDims)
  return mul(total, total.size === 0 ? 1 : total.size / t.size)
})

/** The mean squared distance from the mean (population variance, as NumPy's default). */
export const variance: Reduction<'variance', 'floating'> = typed((x, axis, { keepDims = false } = {}) => {
  const t = toFloating(asTensor(x))
  const centred = sub(t, plain(mean)(t, axis, { keepDims: true }))
  return plain(mean)(mul(centred, centred), axis, { keepDims })
})

/** Square root of the variance. */
export const std: Reduction<'std', 'floating'> = typed((x, axis, options) =>
  sqrt(plain(variance)(x, axis, options)),
)

/** Whether any element is true (not zero). */
export const any: Reduction<'any', 'bool'> = typed((x, axis, { keepDims = false } = {}) =>
  cast(reduce('any', 'reduceMax', cast(cast(asTensor(x), 'bool'), 'int32'), axis, keepDims), 'bool'),
)

/** Whether all elements are true (not zero). */
export const all: Reduction<'all', 'bool'> = typed((x, axis, { keepDims = false } = {}) =>
  cast(reduce('all', 'reduceMin', cast(cast(asTensor(x), 'bool'), 'int32'), axis, keepDims), 'bool'),
)

/** log Σ eˣ, with the maximum taken off first so that no power overflows. */
export const logSumExp: Reduction<'logSumExp', 'floating'> = typed((x, axis, { keepDims = false } = {}) => {
  const t = toFloating(asTensor(x))
  const axes = normalizeAxes('logSumExp', axis, t.shape)
  const largest = stopGradient(apply('reduceMax', [t], { axes, keepDims: true }))
  const value = add(log(plain(sum)(exp(sub(t, largest)), axes, { keepDims: true })), largest)
  return keepDims
    ? value
    : apply('reshape', [value], { shape: reducedShape(t.shape, { axes, keepDims: false }) })
})

/** The Euclidean norm √Σx². */
export const norm: Reduction<'norm', 'floating'> = typed((x, axis, options) => {
  const t = toFloating(asTensor(x))
  return sqrt(plain(sum)(mul(t, t), axis, options))
})

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
  ((x: TensorLike, axis?: number, { keepDims = false }: ReduceOptions = {}): Tensor => {
    const t = asTensor(x)
    const line = axis === undefined ? apply('reshape', [numeric(t)], { shape: [t.size] }) : numeric(t)
    const at = axis === undefined ? 0 : normalizeAxis(kind, axis, t.shape)
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
