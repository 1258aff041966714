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
  neg: { call: typegrad.neg, use: unary() },
  abs: { call: typegrad.abs, use: unary() },
  sign: { call: typegrad.sign, use: unary() },
  exp: { call: typegrad.exp, use: unary() },
  expm1: { call: typegrad.expm1, use: unary() },
  log: { call: typegrad.log, use: unary('positive') },
  log1p: { call: typegrad.log1p, use: unary('positive') },
  sqrt: { call: typegrad.sqrt, use: unary('positive') },
  rsqrt: { call: typegrad.rsqrt, use: unary('positive') },
  square: { call: typegrad.square, use: unary() },
  reciprocal: { call: typegrad.reciprocal, use: unary('positive') },
  sin: { call: typegrad.sin, use: unary() },
  cos: { call: typegrad.cos, use: unary() },
  tan: { call: typegrad.tan, use: unary('unit') },
  asin: { call: typegrad.asin, use: unary('unit') },
  acos: { call: typegrad.acos, use: unary('unit') },
  atan: { call: typegrad.atan, use: unary() },
  sinh: { call: typegrad.sinh, use: unary() },
  cosh: { call: typegrad.cosh, use: unary() },
  tanh: { call: typegrad.tanh, use: unary() },
  sigmoid: { call: typegrad.sigmoid, use: unary() },
  relu: { call: typegrad.relu, use: unary() },
  erf: { call: typegrad.erf, use: unary() },
  floor: { call: typegrad.floor, use: rounds },
  ceil: { call: typegrad.ceil, use: rounds },
  round: { call: typegrad.round, use: rounds },
  isNaN: { call: typegrad.isNaN, use: rounds },
  logicalNot: { call: typegrad.logicalNot, use: rounds },
  stopGradient: { call: typegrad.stopGradient, use: noArgs },
  relu6: { call: typegrad.relu6, use: unary('float') },
  leakyRelu: { call: typegrad.leakyRelu, use: unary('float') },
  elu: { call: typegrad.elu, use: unary('float') },
  selu: { call: typegrad.selu, use: unary('float') },
  gelu: {
    call: typegrad.gelu,
    use: ofRank(0, 5, (random) => [{ approximate: random.chance(0.5) }], isFloat),
  },
  softplus: { call: typegrad.softplus, use: unary('float') },
  softsign: { call: typegrad.softsign, use: unary('float') },
  silu: { call: typegrad.silu, use: unary('float') },
  hardSigmoid: { call: typegrad.hardSigmoid, use: unary('float') },
  hardSilu: { call: typegrad.hardSilu, use: unary('float') },
  mish: { call: typegrad.mish, use: unary('float') },
  tanhShrink: { call: typegrad.tanhShrink, use: unary('float') },
  add: { call: typegrad.add, use: binary() },
  sub: { call: typegrad.sub, use: binary() },
  mul: { call: typegrad.mul, use: binary() },
  div: { call: typegrad.div, use: binary('apart from 0') },
  mod: { call: typegrad.mod, use: binary('apart from 0') },
  floorDiv: { call: typegrad.floorDiv, use: binary('apart from 0') },
  pow: { call: typegrad.pow, use: power },
  maximum: { call: typegrad.maximum, use: binary() },
  minimum: { call: typegrad.minimum, use: binary() },
  equal: { call: typegrad.equal, use: binary() },
  notEqual: { call: typegrad.notEqual, use: binary() },
  less: { call: typegrad.less, use: binary() },
  lessEqual: { call: typegrad.lessEqual, use: binary() },
  greater: { call: typegrad.greater, use: binary() },
  greaterEqual: { call: typegrad.greaterEqual, use: binary() },
  logicalAnd: { call: typegrad.logicalAnd, use: binary() },
  logicalOr: { call: typegrad.logicalOr, use: binary() },
  logicalXor: { call: typegrad.logicalXor, use: binary() },
  where: { call: typegrad.where, use: where },
  clip: { call: typegrad.clip, use: clip },
  cast: {
    call: typegrad.cast,
    use: ofRank(0, 5, (random, x) => [
      isFloat(x)
        ? random.pick<DType>(['float32', 'float64', 'bool'])
        : random.pick<DType>(['float32', 'int64', 'bool']),
    ]),
  },
  sum: { call: typegrad.sum, use: reduction() },
  mean: { call: typegrad.mean, use: reduction() },
  prod: { call: typegrad.prod, use: reduction() },
  max: { call: typegrad.max, use: reduction(any, true) },
  min: { call: typegrad.min, use: reduction(any, true) },
  variance: { call: typegrad.variance, use: reduction() },
  std: { call: typegrad.std, use: reduction(isFloat, true) },
  any: { call: typegrad.any, use: reduction() },
  all: { call: typegrad.all, use: reduction() },
  logSumExp: { call: typegrad.logSumExp, use: reduction(any, true) },
  norm: { call: typegrad.norm, use: reduction(isFloat) },
  argMax: { call: typegrad.argMax, use: argReduction },
  argMin: { call: typegrad.argMin, use: argReduction },
  softmax: { call: typegrad.softmax, use: along() },
  logSoftmax: { call: typegrad.logSoftmax, use: along() },
  normalize: { call: typegrad.normalize, use: along() },
  cumsum: {
    call: typegrad.cumsum,
    use: along((random) => [{ exclusive: random.chance(0.4), reverse: random.chance(0.4) }]),
  },
  sort: { call: typegrad.sort, use: along((random) => [{ descending: random.chance(0.5) }]) },
  argsort: { call: typegrad.argsort, use: along((random) => [{ descending: random.chance(0.5) }]) },
  topK: { call: typegrad.topK, use: topK },
  reshape: { call: typegrad.reshape, use: reshape },
  flatten: { call: typegrad.flatten, use: noArgs },
  transpose: {
    call: typegrad.transpose,
    use: ofRank(0, 5, (random, { shape }) => {
      if (random.chance(0.2)) return []
      const rank = shape.length
      return [random.shuffled(shape.map((_, i) => i)).map((i) => (random.chance(0.3) ? i - rank : i))]
    }),
  },
  expandDims: {
    call: typegrad.expandDims,
    use: ofRank(0, 4, (random, { shape }) => [random.int(-shape.length - 1, shape.length)]),
  },
  squeeze: {
    call: typegrad.squeeze,
    use: ofRank(0, 5, (random, { shape }) => {
      const ones = shape.flatMap((d, i) => (d === 1 ? [i] : []))
      if (ones.length === 0 || random.chance(0.3)) return []
      return [random.chance(0.5) ? random.pick(ones) : random.pick(ones) - shape.length]
    }),
  },
  broadcastTo: { call: typegrad.broadcastTo, use: broadcastTo },
  concat: { call: typegrad.concat, use: joined(false), calling: 'list' },
  stack: { call: typegrad.stack, use: joined(true), calling: 'list' },
  split: { call: typegrad.split, use: split },
  unstack: { call: typegrad.unstack, use: unstack },
  slice: { call: typegrad.slice, use: slice },
  at: {
    call: typegrad.at,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0 && atLeast1(o))
      if (x === undefined) return undefined
      const axis = axisOf(random, x)
      const length = x.shape.at(axis) as number
      return { inputs: [x.ref], args: [random.int(-length, length - 1), axis] }
    },
  },
  stridedSlice: { call: typegrad.stridedSlice, use: strided },
  flip: { call: typegrad.flip, use: ofRank(0, 5, (random, x) => [axesOf(random, x)]) },
  roll: {
    call: typegrad.roll,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0)
      return x && { inputs: [x.ref], args: [random.int(-7, 7), axisOf(random, x)] }
    },
  },
  tile: {
    call: typegrad.tile,
    use: ofRank(0, 4, (random, { shape }) => [
      Array.from({ length: random.int(Math.max(1, shape.length - 1), shape.length + 1) }, () =>
        random.int(random.chance(0.1) ? 0 : 1, 3),
      ),
    ]),
  },
  repeat: {
    call: typegrad.repeat,
    use: (random, graph) => {
      const x = graph.pick(random, (o) => o.shape.length > 0)
      return x && { inputs: [x.ref], args: [random.int(random.chance(0.1) ? 0 : 1, 3), axisOf(random, x)] }
    },
  },
  pad: { call: typegrad.pad, use: pad },
  tril: { call: typegrad.tril, use: ofRank(2, 5, (random) => [random.int(-3, 3)]) },
  triu: { call: typegrad.triu, use: ofRank(2, 5, (random) => [random.int(-3, 3)]) },
  gather: { call: typegrad.gather, use: gather },
  takeAlongAxis: { call: typegrad.takeAlongAxis, use: takeAlongAxis },
  scatterAdd: { call: typegrad.scatterAdd, use: scatterAdd },
  oneHot: { call: typegrad.oneHot, use: oneHot },
  matmul: { call: typegrad.matmul, use: matmul },
  outer: { call: typegrad.outer, use: outer },
  dot: { call: typegrad.dot, use: dot },
  einsum: { call: typegrad.einsum, use: einsum, calling: 'equation' },
  conv: { call: typegrad.conv, use: conv },
  convTranspose: { call: typegrad.convTranspose, use: convTranspose },
  maxPool: { call: typegrad.maxPool, use: pooling },
  averagePool: { call: typegrad.averagePool, use: pooling },
  adaptiveAveragePool: { call: typegrad.adaptiveAveragePool, use: adaptivePooling },
  adaptiveMaxPool: { call: typegrad.adaptiveMaxPool, use: adaptivePooling },
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
