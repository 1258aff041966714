import type { DType } from '../base/dtype.ts'
import type { Mutable, Shape } from '../base/shape.ts'
import type { TensorLike } from '../tensor/create.ts'
import type {
  Broadcast,
  Check,
  ExpandDims,
  Flatten,
  MatMul,
  Ok,
  Reduce,
  Reshape,
  Squeeze,
  Transpose,
} from '../tensor/shape-types.ts'
import { Tensor } from '../tensor/tensor.ts'
import * as activations from './activations.ts'
import { cast } from './apply.ts'
import * as arithmetic from './arithmetic.ts'
import * as comparison from './comparison.ts'
import * as elementwise from './elementwise.ts'
import * as indexing from './indexing.ts'
import * as linearAlgebra from './linear-algebra.ts'
import * as reduce from './reduce.ts'
import * as shape from './shape.ts'
import type { ShapeOf } from './types.ts'

/** Operations on one tensor that keep its shape and take nothing else. */
const unaryMethods = {
  neg: elementwise.neg,
  abs: elementwise.abs,
  sign: elementwise.sign,
  exp: elementwise.exp,
  expm1: elementwise.expm1,
  log: elementwise.log,
  log1p: elementwise.log1p,
  sqrt: elementwise.sqrt,
  rsqrt: elementwise.rsqrt,
  square: elementwise.square,
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
  relu: elementwise.relu,
  erf: elementwise.erf,
  floor: elementwise.floor,
  ceil: elementwise.ceil,
  round: elementwise.round,
  isNaN: elementwise.isNaN,
  logicalNot: elementwise.logicalNot,
  stopGradient: elementwise.stopGradient,
}

const binaryMethods = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  mul: arithmetic.mul,
  div: arithmetic.div,
  pow: arithmetic.pow,
  mod: arithmetic.mod,
  floorDiv: arithmetic.floorDiv,
  maximum: arithmetic.maximum,
  minimum: arithmetic.minimum,
  equal: comparison.equal,
  notEqual: comparison.notEqual,
  greater: comparison.greater,
  greaterEqual: comparison.greaterEqual,
  less: comparison.less,
  lessEqual: comparison.lessEqual,
  logicalAnd: comparison.logicalAnd,
  logicalOr: comparison.logicalOr,
  logicalXor: comparison.logicalXor,
}

const reductionMethods = {
  sum: reduce.sum,
  mean: reduce.mean,
  prod: reduce.prod,
  max: reduce.max,
  min: reduce.min,
  variance: reduce.variance,
  std: reduce.std,
  any: reduce.any,
  all: reduce.all,
  logSumExp: reduce.logSumExp,
  norm: reduce.norm,
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

type UnaryMethods<S extends Shape> = { [K in keyof typeof unaryMethods]: () => Tensor<S> }
type BinaryMethods<S extends Shape> = { [K in keyof typeof binaryMethods]: BinaryMethod<S, K> }
type ReductionMethods<S extends Shape> = { [K in keyof typeof reductionMethods]: ReductionMethod<S, K> }
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

type PlainMethods = {
  [K in Exclude<
    keyof typeof otherMethods,
    | ShapeKeeping
    | ('argMax' | 'argMin' | 'matmul' | 'cast' | 'reshape' | 'flatten' | 'transpose' | 'expandDims')
    | ('squeeze' | 'broadcastTo')
  >]: Method<(typeof otherMethods)[K]>
}

type BinaryMethod<S extends Shape, Op extends string> = <T extends TensorLike>(
  other: T & Check<Broadcast<S, ShapeOf<T>, Op>>,
) => Tensor<Ok<Broadcast<S, ShapeOf<T>, Op>>>

// No check of the axis here: one of type `number | number[]` would not be inferred from beside it, and a check
// of `this` would make tensors of known shape no tensors. The functions of the same name do check.
type ReductionMethod<S extends Shape, Op extends string> = <
  const A extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  axis?: A,
  options?: reduce.ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<S, A, Keep, Op>>>

type ArgMethod<S extends Shape, Op extends string> = <
  const A extends number | undefined = undefined,
  Keep extends boolean = false,
>(
  axis?: A & Check<Reduce<S, A, Keep, Op>>,
  options?: reduce.ReduceOptions<Keep>,
) => Tensor<Ok<Reduce<S, A, Keep, Op>>>

declare module '../tensor/tensor.ts' {
  /** The operations of `ops/`, so that programs read from left to right. */
  interface Tensor<S extends Shape = Shape>
    extends UnaryMethods<S>,
      BinaryMethods<S>,
      ReductionMethods<S>,
      PlainMethods {
    argMax: ArgMethod<S, 'argMax'>
    argMin: ArgMethod<S, 'argMin'>
    softmax(axis?: number): Tensor<S>
    logSoftmax(axis?: number): Tensor<S>
    clip(options: comparison.ClipOptions): Tensor<S>
    flip(axis?: number | readonly number[]): Tensor<S>
    roll(shift: number, axis?: number): Tensor<S>
    cumsum(axis?: number, options?: indexing.CumulativeOptions): Tensor<S>
    sort(axis?: number, options?: indexing.SortOptions): Tensor<S>
    argsort(axis?: number, options?: indexing.SortOptions): Tensor<S>
    tril(k?: number): Tensor<S>
    triu(k?: number): Tensor<S>
    matmul<T extends TensorLike>(other: T & Check<MatMul<S, ShapeOf<T>>>): Tensor<Ok<MatMul<S, ShapeOf<T>>>>
    cast(dtype: DType): Tensor<S>
    reshape<const T extends Shape>(shape: T & Check<Reshape<S, T>>): Tensor<Ok<Reshape<S, T>>>
    flatten(): Tensor<Flatten<S>>
    transpose<const P extends Shape | undefined = undefined>(
      permutation?: P & Check<Transpose<S, P>>,
    ): Tensor<Ok<Transpose<S, P>>>
    expandDims<const A extends number>(axis: A & Check<ExpandDims<S, A>>): Tensor<Ok<ExpandDims<S, A>>>
    squeeze<const A extends number | readonly number[] | undefined = undefined>(
      axis?: A & Check<Squeeze<S, A>>,
    ): Tensor<Ok<Squeeze<S, A>>>
    broadcastTo<const T extends Shape>(shape: T): Tensor<Mutable<T>>
  }
}

for (const [name, op] of Object.entries({
  ...unaryMethods,
  ...binaryMethods,
  ...reductionMethods,
  ...otherMethods,
})) {
  const call = op as (...args: unknown[]) => unknown
  Object.defineProperty(Tensor.prototype, name, {
    value: function (this: Tensor, ...args: unknown[]) {
      return call(this, ...args)
    },
    configurable: true,
    writable: true,
  })
}
