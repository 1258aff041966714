/** All ops of typegrad that are made at random, with how they are called. */
import type { Tensor } from 'typegrad'
import * as typegrad from 'typegrad'
import type { DType } from 'typegrad/engine'
import type { Json } from '../json.ts'
import {
  adaptivePooling,
  along,
  any,
  argReduction,
  atLeast1,
  axesOf,
  axisOf,
  binary,
  broadcastTo,
  clip,
  conv,
  convTranspose,
  dot,
  einsum,
  gather,
  isFloat,
  joined,
  matmul,
  noArgs,
  ofRank,
  oneHot,
  outer,
  pad,
  pooling,
  power,
  reduction,
  reshape,
  rounds,
  scatterAdd,
  slice,
  split,
  strided,
  takeAlongAxis,
  topK,
  type Use,
  unary,
  unstack,
  where,
} from './ops-uses.ts'

/** Where tensors stand among the arguments: one by one, as one list, or behind the equation. */
export type Calling = 'spread' | 'list' | 'equation'

export interface Op {
  readonly call: (...args: never[]) => unknown
  readonly use: Use
  readonly calling?: Calling
}

/** All ops, by the name that both sides know. */
export const ops = {
  neg: { call: typegrad.ops.neg, use: unary() },
  abs: { call: typegrad.ops.abs, use: unary() },
  sign: { call: typegrad.ops.sign, use: unary() },
  exp: { call: typegrad.ops.exp, use: unary() },
  expm1: { call: typegrad.ops.expm1, use: unary() },
  log: { call: typegrad.ops.log, use: unary('positive') },
  log1p: { call: typegrad.ops.log1p, use: unary('positive') },
  sqrt: { call: typegrad.ops.sqrt, use: unary('positive') },
  rsqrt: { call: typegrad.ops.rsqrt, use: unary('positive') },
  square: { call: typegrad.ops.square, use: unary() },
  reciprocal: { call: typegrad.ops.reciprocal, use: unary('positive') },
  sin: { call: typegrad.ops.sin, use: unary() },
  cos: { call: typegrad.ops.cos, use: unary() },
  tan: { call: typegrad.ops.tan, use: unary('unit') },
  asin: { call: typegrad.ops.asin, use: unary('unit') },
  acos: { call: typegrad.ops.acos, use: unary('unit') },
  atan: { call: typegrad.ops.atan, use: unary() },
  sinh: { call: typegrad.ops.sinh, use: unary() },
  cosh: { call: typegrad.ops.cosh, use: unary() },
  tanh: { call: typegrad.ops.tanh, use: unary() },
  sigmoid: { call: typegrad.ops.sigmoid, use: unary() },
  relu: { call: typegrad.ops.relu, use: unary() },
  erf: { call: typegrad.ops.erf, use: unary() },
  floor: { call: typegrad.ops.floor, use: rounds },
  ceil: { call: typegrad.ops.ceil, use: rounds },
  round: { call: typegrad.ops.round, use: rounds },
  isNaN: { call: typegrad.ops.isNaN, use: rounds },
  logicalNot: { call: typegrad.ops.logicalNot, use: rounds },
  stopGradient: { call: typegrad.ops.stopGradient, use: noArgs },
  relu6: { call: typegrad.ops.relu6, use: unary('float') },
  leakyRelu: { call: typegrad.ops.leakyRelu, use: unary('float') },
  elu: { call: typegrad.ops.elu, use: unary('float') },
  selu: { call: typegrad.ops.selu, use: unary('float') },
  gelu: {
    call: typegrad.ops.gelu,
    use: ofRank(0, 5, (random) => [{ approximate: random.chance(0.5) }], isFloat),
  },
  softplus: { call: typegrad.ops.softplus, use: unary('float') },
  softsign: { call: typegrad.ops.softsign, use: unary('float') },
  silu: { call: typegrad.ops.silu, use: unary('float') },
  hardSigmoid: { call: typegrad.ops.hardSigmoid, use: unary('float') },
  hardSilu: { call: typegrad.ops.hardSilu, use: unary('float') },
  mish: { call: typegrad.ops.mish, use: unary('float') },
  tanhShrink: { call: typegrad.ops.tanhShrink, use: unary('float') },
  add: { call: typegrad.ops.add, use: binary() },
  sub: { call: typegrad.ops.sub, use: binary() },
  mul: { call: typegrad.ops.mul, use: binary() },
  div: { call: typegrad.ops.div, use: binary('apart from 0') },
  mod: { call: typegrad.ops.mod, use: binary('apart from 0') },
  floorDiv: { call: typegrad.ops.floorDiv, use: binary('apart from 0') },
  pow: { call: typegrad.ops.pow, use: power },
  maximum: { call: typegrad.ops.maximum, use: binary() },
  minimum: { call: typegrad.ops.minimum, use: binary() },
  equal: { call: typegrad.ops.equal, use: binary() },
  notEqual: { call: typegrad.ops.notEqual, use: binary() },
  less: { call: typegrad.ops.less, use: binary() },
  lessEqual: { call: typegrad.ops.lessEqual, use: binary() },
  greater: { call: typegrad.ops.greater, use: binary() },
  greaterEqual: { call: typegrad.ops.greaterEqual, use: binary() },
  logicalAnd: { call: typegrad.ops.logicalAnd, use: binary() },
  logicalOr: { call: typegrad.ops.logicalOr, use: binary() },
  logicalXor: { call: typegrad.ops.logicalXor, use: binary() },
  where: { call: typegrad.ops.where, use: where },
  clip: { call: typegrad.ops.clip, use: clip },
  cast: {
    call: typegrad.ops.cast,
    use: ofRank(0, 5, (random, x) => [
      isFloat(x)
        ? random.pick<DType>(['float32', 'float64', 'bool'])
        : random.pick<DType>(['float32', 'int64', 'bool']),
    ]),
  },
  sum: { call: typegrad.ops.sum, use: reduction() },
  mean: { call: typegrad.ops.mean, use: reduction() },
  prod: { call: typegrad.ops.prod, use: reduction() },
  max: { call: typegrad.ops.max, use: reduction(any, true) },
  min: { call: typegrad.ops.min, use: reduction(any, true) },
  variance: { call: typegrad.ops.variance, use: reduction() },
  std: { call: typegrad.ops.std, use: reduction(isFloat, true) },
  any: { call: typegrad.ops.any, use: reduction() },
  all: { call: typegrad.ops.all, use: reduction() },
  logSumExp: { call: typegrad.ops.logSumExp, use: reduction(any, true) },
  norm: { call: typegrad.ops.norm, use: reduction(isFloat) },
  argMax: { call: typegrad.ops.argMax, use: argReduction },
  argMin: { call: typegrad.ops.argMin, use: argReduction },
  softmax: { call: typegrad.ops.softmax, use: along() },
  logSoftmax: { call: typegrad.ops.logSoftmax, use: along() },
  normalize: { call: typegrad.ops.normalize, use: along() },
  cumsum: {
    call: typegrad.ops.cumsum,
    use: along((random) => [{ exclusive: random.chance(0.4), reverse: random.chance(0.4) }]),
  },
  sort: { call: typegrad.ops.sort, use: along((random) => [{ descending: random.chance(0.5) }]) },
  argsort: { call: typegrad.ops.argsort, use: along((random) => [{ descending: random.chance(0.5) }]) },
  topK: { call: typegrad.ops.topK, use: topK },
  reshape: { call: typegrad.ops.reshape, use: reshape },
  flatten: { call: typegrad.ops.flatten, use: noArgs },
  transpose: {
    call: typegrad.ops.transpose,
    use: ofRank(0, 5, (random, { shape }) => {
      if (random.chance(0.2)) return []
      const rank = shape.length
      return [random.shuffled(shape.map((_, i) => i)).map((i) => (random.chance(0.3) ? i - rank : i))]
    }),
  },
  expandDims: {
    call: typegrad.ops.expandDims,
    use: ofRank(0, 4, (random, { shape }) => [random.int(-shape.length - 1, shape.length)]),
  },
  squeeze: {
    call: typegrad.ops.squeeze,
    use: ofRank(0, 5, (random, { shape }) => {
      const ones = shape.flatMap((d, i) => (d === 1 ? [i] : []))
      if (ones.length === 0 || random.chance(0.3)) return []
      return [random.chance(0.5) ? random.pick(ones) : random.pick(ones) - shape.length]
    }),
  },
  broadcastTo: { call: typegrad.ops.broadcastTo, use: broadcastTo },
  concat: { call: typegrad.ops.concat, use: joined(false), calling: 'list' },
  stack: { call: typegrad.ops.stack, use: joined(true), calling: 'list' },
  split: { call: typegrad.ops.split, use: split },
  unstack: { call: typegrad.ops.unstack, use: unstack },
  slice: { call: typegrad.ops.slice, use: slice },
  at: {
    call: typegrad.ops.at,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0 && atLeast1(o))
      if (x === undefined) return undefined
      const axis = axisOf(random, x)
      const length = x.shape.at(axis) as number
      return { inputs: [x.ref], args: [random.int(-length, length - 1), axis] }
    },
  },
  stridedSlice: { call: typegrad.ops.stridedSlice, use: strided },
  flip: { call: typegrad.ops.flip, use: ofRank(0, 5, (random, x) => [axesOf(random, x)]) },
  roll: {
    call: typegrad.ops.roll,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0)
      return x && { inputs: [x.ref], args: [random.int(-7, 7), axisOf(random, x)] }
    },
  },
  tile: {
    call: typegrad.ops.tile,
    use: ofRank(0, 4, (random, { shape }) => [
      Array.from({ length: random.int(Math.max(1, shape.length - 1), shape.length + 1) }, () =>
        random.int(random.chance(0.1) ? 0 : 1, 3),
      ),
    ]),
  },
  repeat: {
    call: typegrad.ops.repeat,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0)
      return x && { inputs: [x.ref], args: [random.int(random.chance(0.1) ? 0 : 1, 3), axisOf(random, x)] }
    },
  },
  pad: { call: typegrad.ops.pad, use: pad },
  tril: { call: typegrad.ops.tril, use: ofRank(2, 5, (random) => [random.int(-3, 3)]) },
  triu: { call: typegrad.ops.triu, use: ofRank(2, 5, (random) => [random.int(-3, 3)]) },
  gather: { call: typegrad.ops.gather, use: gather },
  takeAlongAxis: { call: typegrad.ops.takeAlongAxis, use: takeAlongAxis },
  scatterAdd: { call: typegrad.ops.scatterAdd, use: scatterAdd },
  oneHot: { call: typegrad.ops.oneHot, use: oneHot },
  matmul: { call: typegrad.ops.matmul, use: matmul },
  outer: { call: typegrad.ops.outer, use: outer },
  dot: { call: typegrad.ops.dot, use: dot },
  einsum: { call: typegrad.ops.einsum, use: einsum, calling: 'equation' },
  conv: { call: typegrad.ops.conv, use: conv },
  convTranspose: { call: typegrad.ops.convTranspose, use: convTranspose },
  maxPool: { call: typegrad.ops.maxPool, use: pooling },
  averagePool: { call: typegrad.ops.averagePool, use: pooling },
  adaptiveAveragePool: { call: typegrad.ops.adaptiveAveragePool, use: adaptivePooling },
  adaptiveMaxPool: { call: typegrad.ops.adaptiveMaxPool, use: adaptivePooling },
} satisfies Record<string, Op>

export type OpName = keyof typeof ops
export const opNames = Object.keys(ops) as OpName[]

/** Calls an op of the table with tensors where it wants them. */
export function callOp(
  name: OpName,
  tensors: readonly Tensor[],
  args: readonly Json[],
  take?: number | string,
): Tensor {
  const { call, calling = 'spread' }: Op = ops[name]
  const rest = args.map((arg) => arg ?? undefined)
  const all =
    calling === 'list'
      ? [tensors, ...rest]
      : calling === 'equation'
        ? [...rest, ...tensors]
        : [...tensors, ...rest]
  const result = (call as (...all: unknown[]) => unknown)(...all)
  return (take === undefined ? result : (result as Record<number | string, unknown>)[take]) as Tensor
}
