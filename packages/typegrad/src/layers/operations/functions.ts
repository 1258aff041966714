import * as ops from '../../ops/index.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { SymbolicTensor } from '../base/symbolic.ts'
import { areSymbolic, callSymbolic, symbolicNames } from './calls.ts'
import type { Operand, Signatures, SymbolicName } from './signatures.ts'

// Those below stand before those of the same name.
export * from '../../ops/index.ts'

type Ops = typeof ops
type Lifted = SymbolicName & keyof Ops

/** How a function is called where one of its arguments is symbolic. */
type Forms<P extends readonly unknown[], R> = P[0] extends string
  ? (
      equation: string,
      ...operands:
        | readonly [SymbolicTensor, ...Operand[]]
        | readonly [TensorLike, SymbolicTensor, ...Operand[]]
    ) => R
  : P[0] extends readonly Operand[]
    ? ListForm<P, R>
    : [Operand] extends [P[1]]
      ? BinaryForm<P, R>
      : P extends readonly [unknown, ...infer Rest]
        ? (x: SymbolicTensor, ...rest: Rest) => R
        : never

type ListForm<P extends readonly unknown[], R> = P extends readonly [unknown, ...infer Rest]
  ? <T extends readonly Operand[]>(
      tensors: T & (Extract<T[number], SymbolicTensor> extends never ? never : T),
      ...rest: Rest
    ) => R
  : never

interface BinaryForm<P extends readonly unknown[], R> {
  (
    a: SymbolicTensor,
    b: Operand,
    ...rest: P extends readonly [unknown, unknown, ...infer Rest] ? Rest : []
  ): R
  (
    a: TensorLike,
    b: SymbolicTensor,
    ...rest: P extends readonly [unknown, unknown, ...infer Rest] ? Rest : []
  ): R
}

/** The functions of `ops/` that take symbolic tensors as well. */
type Functions = {
  readonly [K in keyof Ops as K extends Lifted ? K : never]: K extends Lifted
    ? Forms<Parameters<Signatures[K]>, ReturnType<Signatures[K]>> & Ops[K]
    : never
}

/** The functions by name, of which a bundler needs to know nothing more: all of them are lifted. */
const byName: Readonly<Record<string, unknown>> = { ...ops }

const functions = Object.fromEntries(
  symbolicNames
    .filter((name): name is Lifted => name in ops)
    .map((name) => {
      const onTensors = byName[name] as (...args: unknown[]) => unknown
      const lifted = (...args: unknown[]): unknown =>
        areSymbolic(args) ? callSymbolic(name, args) : onTensors(...args)
      return [name, lifted]
    }),
) as unknown as Functions

export const {
  abs,
  acos,
  add,
  all,
  any,
  argMax,
  argMin,
  argsort,
  asin,
  at,
  atan,
  broadcastTo,
  cast,
  ceil,
  clip,
  concat,
  cos,
  cosh,
  cumsum,
  div,
  dynamicSlice,
  dynamicUpdateSlice,
  einsum,
  elu,
  equal,
  erf,
  exp,
  expandDims,
  expm1,
  flatten,
  flip,
  floor,
  floorDiv,
  gather,
  gelu,
  greater,
  greaterEqual,
  hardSigmoid,
  hardSilu,
  leakyRelu,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mish,
  mod,
  mul,
  neg,
  norm,
  notEqual,
  oneHot,
  outer,
  pad,
  pow,
  prod,
  reciprocal,
  relu,
  relu6,
  repeat,
  reshape,
  roll,
  round,
  rsqrt,
  selu,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  slice,
  softmax,
  softplus,
  softsign,
  sort,
  split,
  sqrt,
  square,
  squeeze,
  stack,
  std,
  stopGradient,
  stridedSlice,
  sub,
  sum,
  takeAlongAxis,
  tan,
  tanh,
  tanhShrink,
  tile,
  topK,
  transpose,
  tril,
  triu,
  unstack,
  variance,
  where,
} = functions

const { isNaN: isNotANumber } = functions

export { isNotANumber as isNaN }
