import type { DType } from '../../base/dtype.ts'
import { boolean, dtypeName, integer, optionsOf, orNull } from '../../base/options.ts'
import { cast } from '../../ops/apply.ts'
import { notEqual } from '../../ops/comparison.ts'
import { cumsum } from '../../ops/indexing.ts'
import * as reduce from '../../ops/reduce.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import {
  type Axis,
  axisChecks,
  type Call,
  named,
  type Operand,
  operand,
  row,
  tensorOf,
  unsupported,
} from './row.ts'

interface Over {
  readonly axis: Axis
  readonly keepdims: boolean
}

const overChecks = { axis: { ...axisChecks, needed: true }, keepdims: { ...boolean, needed: true } } as const

/** What Keras's class takes beside the axes, and is only supported at its default. */
interface Beside {
  readonly initial: number | null
}

type Untyped = (x: Tensor, axis?: number | readonly number[], options?: reduce.ReduceOptions) => Tensor

const over = (compute: unknown, x: TensorLike, { axis, keepdims }: Over): Tensor =>
  (compute as Untyped)(tensorOf(x), axis ?? undefined, { keepDims: keepdims })

/** One axis by itself: some of Keras's operations take no list of one. */
const single = (axis: number | readonly number[] | undefined) =>
  typeof axis === 'object' && axis.length === 1 ? axis[0] : axis

const call = (x: Operand, axis?: number | readonly number[], options: reduce.ReduceOptions = {}): Call => ({
  args: [operand(x)],
  options: { axis: single(axis) ?? null, keepdims: options.keepDims ?? false },
})

type Reducing = 'sum' | 'mean' | 'variance' | 'std' | 'any' | 'all' | 'logSumExp'

/** A reduction over one axis, several or all. */
const reduction = (ours: Reducing, compute: unknown, module = 'ops.numpy') =>
  row({
    module,
    checks: optionsOf<Over>()({ ...overChecks }),
    defaults: { axis: null, keepdims: false },
    compute: (options: Over, x: TensorLike) => over(compute, x, options),
    calls: named(ours, call),
  })

/** The largest or smallest element, with what Keras lets it begin with. */
const extreme = (ours: 'max' | 'min', compute: unknown) =>
  row({
    checks: optionsOf<Over & Beside>()({
      ...overChecks,
      initial: { ...orNull(integer), accepts: () => true, needed: true },
    }),
    defaults: { axis: null, keepdims: false, initial: null },
    compute: ({ initial, ...options }: Over & Beside, x: TensorLike) => {
      if (initial !== null) throw unsupported(`${ours} with an initial value`)
      return over(compute, x, options)
    },
    calls: named(ours, call),
  })

/** The position of an extreme, along one axis or in the flattened tensor. */
const position = (ours: 'argMax' | 'argMin', compute: unknown) =>
  row({
    checks: optionsOf<{ axis: number | null; keepdims: boolean }>()({
      axis: { ...orNull(integer), needed: true },
      keepdims: { ...boolean, needed: true },
    }),
    defaults: { axis: null, keepdims: false },
    compute: (options: { axis: number | null; keepdims: boolean }, x: TensorLike) =>
      over(compute, x, options),
    calls: named(ours, call),
  })

interface Typed {
  readonly dtype: DType | null
}

/** Reductions, and sums that run. */
export const reductionRows = {
  Sum: reduction('sum', reduce.sum),
  Mean: reduction('mean', reduce.mean),
  Var: reduction('variance', reduce.variance),
  Std: reduction('std', reduce.std),
  Any: reduction('any', reduce.any),
  All: reduction('all', reduce.all),
  Logsumexp: reduction('logSumExp', reduce.logSumExp, 'ops.math'),
  Max: extreme('max', reduce.max),
  Min: extreme('min', reduce.min),
  Amax: row({
    checks: optionsOf<Over>()({ ...overChecks }),
    defaults: { axis: null, keepdims: false },
    compute: (options: Over, x: TensorLike) => over(reduce.max, x, options),
  }),
  Amin: row({
    checks: optionsOf<Over>()({ ...overChecks }),
    defaults: { axis: null, keepdims: false },
    compute: (options: Over, x: TensorLike) => over(reduce.min, x, options),
  }),
  Argmax: position('argMax', reduce.argMax),
  Argmin: position('argMin', reduce.argMin),
  CountNonzero: row({
    checks: optionsOf<{ axis: Axis }>()({ axis: { ...axisChecks, needed: true } }),
    defaults: { axis: null },
    compute: ({ axis }: { axis: Axis }, x: TensorLike) =>
      over(reduce.sum, notEqual(tensorOf(x), 0), { axis, keepdims: false }),
  }),
  Prod: row({
    checks: optionsOf<Over & Typed>()({ ...overChecks, dtype: { ...orNull(dtypeName), needed: true } }),
    defaults: { axis: null, keepdims: false, dtype: null },
    compute: ({ dtype, ...options }: Over & Typed, x: TensorLike) =>
      over(reduce.prod, dtype === null ? x : cast(tensorOf(x), dtype), options),
    calls: named('prod', call),
  }),
  Cumsum: row({
    checks: optionsOf<{ axis: number | null } & Typed>()({
      axis: { ...orNull(integer), needed: true },
      dtype: { ...orNull(dtypeName), needed: true },
    }),
    defaults: { axis: null, dtype: null },
    compute: ({ axis, dtype }: { axis: number | null } & Typed, x: TensorLike) => {
      const t = dtype === null ? tensorOf(x) : cast(tensorOf(x), dtype)
      return axis === null ? cumsum(t.reshape([-1]), 0) : cumsum(t, axis)
    },
    calls: named(
      'cumsum',
      (
        x: Operand,
        axis = 0,
        { exclusive = false, reverse = false }: { exclusive?: boolean; reverse?: boolean } = {},
      ): Call => {
        if (exclusive || reverse) throw unsupported('cumsum with exclusive or reverse')
        return { args: [operand(x)], options: { axis } }
      },
    ),
  }),
  Norm: row({
    module: 'ops.linalg',
    checks: optionsOf<Over & { ord: unknown }>()({
      ...overChecks,
      ord: { expected: 'anything', accepts: () => true, needed: true },
    }),
    defaults: { ord: null, axis: null, keepdims: false },
    compute: ({ ord, ...options }: Over & { ord: unknown }, x: TensorLike) => {
      const isVector = typeof options.axis === 'number' || tensorOf(x).rank === 1
      // Of a matrix, order 2 is its largest singular value; of a vector, and without one, it is √Σx².
      if (ord === null || ord === 'fro' || ord === 'euclidean' || (ord === 2 && isVector))
        return over(reduce.norm, x, options)
      throw unsupported(`norm of order ${String(ord)}`)
    },
  }),
}
