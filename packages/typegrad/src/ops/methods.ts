import type { DType } from '../base/dtype.ts'
import type { Mutable, Shape } from '../base/shape.ts'
import type { TensorLike } from '../tensor/create.ts'
import type { Countable, Floating, Numeric, Promote } from '../tensor/dtype-types.ts'
import type {
  Broadcast,
  Check,
  DynamicSlice,
  ExpandDims,
  Flatten,
  MatMul,
  Ok,
  Reduce,
  Reshape,
  SameRank,
  Squeeze,
  Transpose,
} from '../tensor/shape-types.ts'
import { Tensor } from '../tensor/tensor.ts'
import * as activations from './activations.ts'
import { cast } from './apply.ts'
import * as arithmetic from './arithmetic.ts'
import * as comparison from './comparison.ts'
import * as dynamic from './dynamic-slices.ts'
import * as elementwise from './elementwise.ts'
import * as indexing from './indexing.ts'
import * as linearAlgebra from './linear-algebra.ts'
import * as reduce from './reduce.ts'
import * as shape from './shape.ts'
import type { DTypeOf, Meeting, ShapeOf } from './types.ts'

/** Operations on one tensor that keep its shape and make floats of integers. */
const floatingMethods = {
  exp: elementwise.exp,
  expm1: elementwise.expm1,
  log: elementwise.log,
  log1p: elementwise.log1p,
  sqrt: elementwise.sqrt,
  rsqrt: elementwise.rsqrt,
  reciprocal: elementwise.reciprocal,
  sin: elementwise.sin,
  cos: elementwise.cos,
  tan: elementwise.tan,
  asin: elementwise.asin,
  acos: elementwise.acos,
  atan: elementwise.atan,
  sinh: elementwise.sinh,
  cosh: elementwise.cosh,
  tanh: elementwise.tanh,
  sigmoid: elementwise.sigmoid,
  erf: elementwise.erf,
}

/** Those that make int32 of bools. */
const numericMethods = {
  neg: elementwise.neg,
  abs: elementwise.abs,
  sign: elementwise.sign,
  square: elementwise.square,
  relu: elementwise.relu,
}

/** Those that keep the dtype. */
const keepingMethods = {
  floor: elementwise.floor,
  ceil: elementwise.ceil,
  round: elementwise.round,
  stopGradient: elementwise.stopGradient,
}

/** Those that answer with bools. */
const predicateMethods = {
  isNaN: elementwise.isNaN,
  logicalNot: elementwise.logicalNot,
}

/** Operations on two tensors, by the dtype of what they make: see {@link Meeting}. */
const binaryMethods = {
  numeric: {
    add: arithmetic.add,
    sub: arithmetic.sub,
    mul: arithmetic.mul,
    pow: arithmetic.pow,
    mod: arithmetic.mod,
    floorDiv: arithmetic.floorDiv,
    maximum: arithmetic.maximum,
    minimum: arithmetic.minimum,
  },
  floating: {
    div: arithmetic.div,
  },
  bool: {
    equal: comparison.equal,
    notEqual: comparison.notEqual,
    greater: comparison.greater,
    greaterEqual: comparison.greaterEqual,
    less: comparison.less,
    lessEqual: comparison.lessEqual,
    logicalAnd: comparison.logicalAnd,
    logicalOr: comparison.logicalOr,
    logicalXor: comparison.logicalXor,
  },
}

/** Reductions, by the dtype of what they make: see {@link reduce.Reduced}. */
const reductionMethods = {
  countable: {
    sum: reduce.sum,
    prod: reduce.prod,
  },
  same: {
    max: reduce.max,
    min: reduce.min,
  },
  floating: {
    mean: reduce.mean,
    variance: reduce.variance,
    std: reduce.std,
    logSumExp: reduce.logSumExp,
    norm: reduce.norm,
  },
  bool: {
    any: reduce.any,
    all: reduce.all,
  },
}

const otherMethods = {
  matmul: linearAlgebra.matmul,
  dot: linearAlgebra.dot,
  outer: linearAlgebra.outer,
  cast,
  reshape: shape.reshape,
  flatten: shape.flatten,
  transpose: shape.transpose,
  expandDims: shape.expandDims,
  squeeze: shape.squeeze,
  broadcastTo: shape.broadcastTo,
  slice: shape.slice,
  pad: shape.pad,
  split: shape.split,
  unstack: shape.unstack,
  tile: shape.tile,
  flip: shape.flip,
  roll: shape.roll,
  repeat: shape.repeat,
  tril: shape.tril,
  triu: shape.triu,
  at: shape.at,
  stridedSlice: shape.stridedSlice,
  dynamicSlice: dynamic.dynamicSlice,
  dynamicUpdateSlice: dynamic.dynamicUpdateSlice,
  gather: indexing.gather,
  takeAlongAxis: indexing.takeAlongAxis,
  scatterAdd: indexing.scatterAdd,
  cumsum: indexing.cumsum,
  sort: indexing.sort,
  argsort: indexing.argsort,
  topK: indexing.topK,
  clip: comparison.clip,
  argMax: reduce.argMax,
  argMin: reduce.argMin,
  softmax: activations.softmax,
  logSoftmax: activations.logSoftmax,
}

/** A method for an operation whose first argument is the tensor itself. */
type Method<F> = F extends (x: never, ...rest: infer A) => infer R ? (...rest: A) => R : never

type UnaryMethods<S extends Shape, D extends DType> = {
  [K in keyof typeof floatingMethods]: () => Tensor<S, Floating<D>>
} & { [K in keyof typeof numericMethods]: () => Tensor<S, Numeric<D>> } & {
  [K in keyof typeof keepingMethods]: () => Tensor<S, D>
} & { [K in keyof typeof predicateMethods]: () => Tensor<S, 'bool'> }
type BinaryMethods<S extends Shape, D extends DType, Kind extends keyof typeof binaryMethods> = {
  [K in keyof (typeof binaryMethods)[Kind] & string]: BinaryMethod<S, D, K, Kind>
}
type ReductionMethods<S extends Shape, D extends DType, Kind extends keyof typeof reductionMethods> = {
  [K in keyof (typeof reductionMethods)[Kind] & string]: ReductionMethod<S, D, K, Kind>
}
type ShapeKeeping =
  | 'softmax'
  | 'logSoftmax'
  | 'clip'
  | 'flip'
  | 'roll'
  | 'cumsum'
  | 'sort'
  | 'argsort'
  | 'tril'
  | 'triu'

/** Methods that take elements elsewhere and keep their dtype; their shapes are not worked out. */
type MovingMethods = Pick<
  typeof otherMethods,
  | ('slice' | 'stridedSlice' | 'pad' | 'split' | 'unstack' | 'tile' | 'repeat')
  | ('at' | 'gather' | 'takeAlongAxis')
>
type Moved<F, D extends DType> = F extends (x: never, ...rest: infer A) => Tensor[]
  ? (...rest: A) => Tensor<Shape, D>[]
  : F extends (x: never, ...rest: infer A) => Tensor
    ? (...rest: A) => Tensor<Shape, D>
    : never

type PlainMethods = {
  [K in Exclude<
    keyof typeof otherMethods,
    | ShapeKeeping
    | keyof MovingMethods
    | ('argMax' | 'argMin' | 'matmul' | 'cast' | 'reshape' | 'flatten' | 'transpose' | 'expandDims')
    | ('squeeze' | 'broadcastTo' | 'dynamicSlice' | 'dynamicUpdateSlice')
  >]: Method<(typeof otherMethods)[K]>
}

type MethodsThatMove<D extends DType> = { [K in keyof MovingMethods]: Moved<MovingMethods[K], D> }

type BinaryMethod<S extends Shape, D extends DType, Op extends string, Kind extends keyof Meeting<0, 0>> = <
  T extends TensorLike,
>(
  other: T & Check<Broadcast<S, ShapeOf<T>, Op>>,
) => Tensor<Ok<Broadcast<S, ShapeOf<T>, Op>>, Meeting<Tensor<S, D>, T>[Kind] & DType>

// No check of the axis here: one of type `number | number[]` would not be inferred from beside it, and a check
// of `this` would make tensors of known shape no tensors. The functions of the same name do check.
type ReductionMethod<
  S extends Shape,
  D extends DType,
  Op extends string,
  Kind extends keyof reduce.Reduced<D>,
> = <const A extends number | readonly number[] | undefined = undefined, Keep extends boolean = false>(
  axis?: A,
  options?: reduce.ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<S, A, Keep, Op>>, reduce.Reduced<D>[Kind] & DType>

type ArgMethod<S extends Shape, Op extends string> = <
  const A extends number | undefined = undefined,
  Keep extends boolean = false,
>(
  axis?: A & Check<Reduce<S, A, Keep, Op>>,
  options?: reduce.ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<S, A, Keep, Op>>, 'int32'>

declare module '../tensor/tensor.ts' {
  /** The operations of `ops/`, so that programs read from left to right. */
  interface Tensor<S extends Shape = Shape, D extends DType = DType>
    extends UnaryMethods<S, D>,
      BinaryMethods<S, D, 'numeric'>,
      BinaryMethods<S, D, 'floating'>,
      BinaryMethods<S, D, 'bool'>,
      ReductionMethods<S, D, 'countable'>,
      ReductionMethods<S, D, 'same'>,
      ReductionMethods<S, D, 'floating'>,
      ReductionMethods<S, D, 'bool'>,
      PlainMethods,
      MethodsThatMove<D> {
    argMax: ArgMethod<S, 'argMax'>
    argMin: ArgMethod<S, 'argMin'>
    softmax(axis?: number): Tensor<S, Floating<D>>
    logSoftmax(axis?: number): Tensor<S, Floating<D>>
    clip(options: comparison.ClipOptions): Tensor<S>
    flip(axis?: number | readonly number[]): Tensor<S, D>
    roll(shift: number, axis?: number): Tensor<S, D>
    cumsum(axis?: number, options?: indexing.CumulativeOptions): Tensor<S, Countable<D>>
    sort(axis?: number, options?: indexing.SortOptions): Tensor<S, D>
    argsort(axis?: number, options?: indexing.SortOptions): Tensor<S, 'int32'>
    tril(k?: number): Tensor<S, D>
    triu(k?: number): Tensor<S, D>
    matmul<T extends TensorLike>(
      other: T & Check<MatMul<S, ShapeOf<T>>>,
    ): Tensor<Ok<MatMul<S, ShapeOf<T>>>, Countable<Promote<D, DTypeOf<T>>>>
    cast<E extends DType>(dtype: E): Tensor<S, E>
    reshape<const T extends Shape>(shape: T & Check<Reshape<S, T>>): Tensor<Ok<Reshape<S, T>>, D>
    flatten(): Tensor<Flatten<S>, D>
    transpose<const P extends Shape | undefined = undefined>(
      permutation?: P & Check<Transpose<S, P>>,
    ): Tensor<Ok<Transpose<S, P>>, D>
    expandDims<const A extends number>(axis: A & Check<ExpandDims<S, A>>): Tensor<Ok<ExpandDims<S, A>>, D>
    squeeze<const A extends number | readonly number[] | undefined = undefined>(
      axis?: A & Check<Squeeze<S, A>>,
    ): Tensor<Ok<Squeeze<S, A>>, D>
    broadcastTo<const T extends Shape>(shape: T): Tensor<Mutable<T>, D>
    dynamicSlice<const Z extends Shape>(
      starts: dynamic.SliceStarts,
      sizes: Z & Check<DynamicSlice<S, Z>>,
    ): Tensor<Ok<DynamicSlice<S, Z>>, D>
    dynamicUpdateSlice<U extends TensorLike>(
      update: U & Check<SameRank<S, ShapeOf<U>, 'dynamicUpdateSlice'>>,
      starts: dynamic.SliceStarts,
    ): Tensor<S, D>
  }
}

for (const [name, op] of [
  floatingMethods,
  numericMethods,
  keepingMethods,
  predicateMethods,
  ...Object.values(binaryMethods),
  ...Object.values(reductionMethods),
  otherMethods,
].flatMap((group) => Object.entries(group))) {
  const call = op as (...args: unknown[]) => unknown
  Object.defineProperty(Tensor.prototype, name, {
    value: function (this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
    configurable: true,
    writable: true,
  })
}
